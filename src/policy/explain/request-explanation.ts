import type { Path } from "../../kubernetes/path.ts";
import type { Json } from "../../lib/json.ts";
import type { Deviation } from "./explanation-value.ts";
import type { YamlPlace } from "./yaml-place.ts";

/** An element that makes a check fail, with both sides. */
export interface Finding {
  readonly is: Deviation | "refused";
  /** Way to the element in the request. */
  readonly path: Path;
  /** Undefined where the request lacks it or the text does not show it. */
  readonly received: Json | undefined;
  readonly expected: Json | undefined;
  /** What of the YAML makes it so; undefined for what comes from elsewhere. */
  readonly yaml: YamlPlace | undefined;
  /** Who has a say in it, and what to do. */
  readonly remedy: string;
}

/** A check that fails. */
export interface Fault {
  readonly check: string;
  readonly title: string;
  /** Member of the settings that governs it. */
  readonly setting: string | undefined;
  /** False where the check also reads what the text does not show. */
  readonly isCertain: boolean;
  readonly findings: readonly Finding[];
}

/** One container of the policy beside the request. */
export interface ComparedContainer {
  readonly index: number;
  readonly name: string;
  /** Names of all checks that fail, in the order of the rules. */
  readonly failed: readonly string[];
}

/** Why a request is refused. */
export interface RequestExplanation {
  readonly kind: string;
  /** What a file of test cases calls the request. */
  readonly description: string | undefined;
  /** `unknown` where the request was cut, so that nobody can decide it; `error` where the policy has no answer. */
  readonly verdict: "allowed" | "denied" | "error" | "unknown";
  /** Why there is no answer. */
  readonly error: string | undefined;
  /** Where the request was cut; undefined for a complete one. */
  readonly cut: Path | undefined;
  readonly containers: readonly ComparedContainer[];
  /** The container that comes nearest; undefined for requests about none. */
  readonly nearest: ComparedContainer | undefined;
  /** All checks that fail for the nearest container, and those of no container; the first one is told first. */
  readonly faults: readonly Fault[];
  /** Checks that cannot be made, because what they read was cut off. */
  readonly unread: readonly string[];
  /** Whether the faults are the reasons of the decision; false for rules that are not this program's. */
  readonly isReason: boolean;
  /** What rules that are not ours have printed. */
  readonly prints: readonly string[];
}
