import type { FileChange } from "../lib/dry-run.ts";
import { findingsOf } from "../lib/finding.ts";
import { unifiedDiff } from "../lib/unified-diff.ts";
import type { CheckedRun } from "../generate/check-generated.ts";
import type { GenerateOptions } from "../generate/generate-options.ts";
import { policyChanges } from "../generate/policy-changes.ts";
import { shownText } from "../generate/shown-text.ts";
import type { PolicyDifference } from "../policy/diff/policy-change.ts";
import { renderDifference } from "../policy/diff/render-difference.ts";
import { NO_PAINT } from "../terminal/colour.ts";
import type { Io } from "../terminal/io.ts";
import { findingsJson } from "../terminal/findings-json.ts";
import { resultJson } from "../terminal/json-result.ts";

/** What a file is to `generate`. */
type FileRole = "yaml" | "manifest" | "rules" | "settings" | "owner-key" | "coordinator-hash";

/** Files whose content says something to whoever reads a difference. */
const SHOWN_ROLES: ReadonlySet<FileRole> = new Set(["yaml", "manifest", "coordinator-hash"]);

/** What is told of a file that `generate` would write. */
export interface DescribedChange {
  readonly path: string;
  readonly role: FileRole;
  readonly kind: "created" | "changed";
  readonly policies: readonly PolicyDifference[];
  /** For people; without the texts of policies. */
  readonly lines: readonly string[];
}

/** Takes from a changed file what is told of it. */
export async function describeChange(
  change: FileChange,
  options: GenerateOptions,
  width: number,
): Promise<DescribedChange> {
  const { path, before } = change;
  const role = roleOf(path, options);
  const kind = before === undefined ? "created" : "changed";
  const policies = role === "yaml" ? await policyChanges(change) : [];
  return {
    path,
    role,
    kind,
    policies,
    lines: [...fileLines(change, role, kind), ...policies.flatMap((policy) => policyLines(policy, width))],
  };
}

/**
 * Prints what `generate` would change.
 *
 * @returns the exit status: 0 where it would change nothing, otherwise 1
 */
export function printCheck({ result, changes: files }: CheckedRun<DescribedChange>, io: Io): number {
  if (io.format === "text") for (const { lines } of files) for (const line of lines) io.out(line);
  if (io.format === "json") {
    const { platform, manifestPath, missingReferenceValues, warnings } = result;
    const changes = files.map(({ path, role, kind, policies }) => ({
      file: path,
      role,
      change: kind,
      ...(role === "yaml" ? { policies } : {}),
    }));
    const ok = files.length === 0;
    const members = { changes, platform, manifestPath, missingReferenceValues };
    io.out(resultJson("generate-check", { ok, ...findingsJson(findingsOf([], warnings)), ...members }));
  } else {
    if (files.length === 0) io.out("✔️ Everything is up to date");
    else {
      const count = files.length === 1 ? "1 file" : `${files.length} files`;
      io.out(`generate would write ${count}: run it with the same flags without --check, and keep what it writes`);
    }
  }
  return files.length === 0 ? 0 : 1;
}

function roleOf(path: string, options: GenerateOptions): FileRole {
  if (path === options.manifestPath) return "manifest";
  if (path === options.rulesPath) return "rules";
  if (path === options.settingsPath) return "settings";
  if (path === options.coordinatorHashPath) return "coordinator-hash";
  return [...options.workloadOwnerKeys, ...options.seedshareOwnerKeys].includes(path) ? "owner-key" : "yaml";
}

function fileLines({ path, before, after }: FileChange, role: FileRole, kind: string): readonly string[] {
  const name = shownText(path);
  if (!SHOWN_ROLES.has(role)) return [`${name} would be ${kind}`];
  const diff = unifiedDiff(before === undefined ? undefined : shownText(before), shownText(after));
  const old = before === undefined ? "/dev/null" : name;
  return [`--- ${old}`, `+++ ${name}`, ...diff];
}

/** What the change means, in place of a wall of base64. */
function policyLines(difference: PolicyDifference, width: number): readonly string[] {
  const [title = "", ...lines] = renderDifference(difference, NO_PAINT, width);
  if (difference.status === "same") return [`policy of ${title} in what it allows, but not in its text`];
  return [`policy of ${title}`, ...lines];
}
