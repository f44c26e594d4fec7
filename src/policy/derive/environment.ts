import type { ErrorCode } from "../../lib/error-codes.ts";
import { openToken, sealTokens, tokenFault, type TokenName } from "./token.ts";
import { expandVariables } from "./variable-expansion.ts";

/** One variable of the pod's `env`, with references already looked up. */
export type EnvironmentEntry =
  /** `value`, in which references to other variables are expanded. */
  | { readonly name: string; readonly kind: "text"; readonly value: string }
  /** A value from elsewhere, such as a ConfigMap, that is taken as it is. */
  | { readonly name: string; readonly kind: "literal"; readonly value: string }
  /** A value that only the cluster knows. */
  | { readonly name: string; readonly kind: "token"; readonly token: TokenName };

/** Everything that decides the environment of one process. */
export interface EnvironmentInput {
  readonly isPause: boolean;
  readonly terminal: boolean;
  /** `Env` of the image configuration; undefined when the configuration has none. */
  readonly image: readonly string[] | undefined;
  /** Variables of `env`, in order. */
  readonly entries: readonly EnvironmentEntry[];
  /** Variables of all `envFrom`, names with their prefix, in order. */
  readonly imported: readonly (readonly [name: string, value: string])[];
  /** `Process.Env` of the settings. */
  readonly template: readonly string[];
}

/** The environment, and what is to be said about it. */
export interface Environment {
  /** `NAME=value`, each name once. */
  readonly env: readonly string[];
  /** What `$(NAME)` means in commands and arguments: the pod's own variables. */
  readonly variables: ReadonlyMap<string, string>;
  readonly findings: readonly EnvironmentFinding[];
}

/** Something to say about one variable. */
export interface EnvironmentFinding {
  readonly code: Extract<ErrorCode, "policy/token-in-text" | "policy/variable-undefined">;
  /** Position in `entries` or, as a text, the origin of the variable. */
  readonly origin: number | string;
  readonly message: string;
}

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Puts the environment of a process together as kubelet and containerd do: the image's variables, what the runtime adds,
 * then the pod's, where `env` wins over `envFrom` and the last entry of a name over earlier ones.
 *
 * @see kubernetes `pkg/kubelet/kubelet_pods.go`, `makeEnvironment`
 */
export function deriveEnvironment(input: EnvironmentInput): Environment {
  const findings: EnvironmentFinding[] = [];
  const merged = new Map<string, string>();
  const check = (origin: number | string, name: string, written: string, final = written): void => {
    const token = tokenFault(written, final) ?? tokenFault(name);
    if (token !== undefined)
      findings.push({ code: "policy/token-in-text", origin, message: tokenMessage(name, token) });
  };

  for (const entry of input.image ?? []) {
    const [name, value] = splitEntry(entry);
    check("image", name, value);
    merged.set(name, value);
  }
  if (!merged.has("PATH")) merged.set("PATH", DEFAULT_PATH);
  if (!input.isPause) {
    if (input.terminal && !merged.has("TERM")) merged.set("TERM", "xterm");
    if (!merged.has("HOSTNAME")) merged.set("HOSTNAME", openToken("host-name"));
  }

  const variables = new Map(input.imported);
  for (const [name, value] of variables) check("envFrom", name, value);
  for (const [index, entry] of input.entries.entries()) {
    if (entry.kind === "token") {
      variables.set(entry.name, openToken(entry.token));
    } else if (entry.kind === "literal") {
      check(index, entry.name, entry.value);
      variables.set(entry.name, entry.value);
    } else {
      const { text, undefinedNames } = expandVariables(entry.value, variables);
      check(index, entry.name, entry.value, text);
      for (const name of undefinedNames) {
        findings.push({ code: "policy/variable-undefined", origin: index, message: undefinedMessage(name) });
      }
      variables.set(entry.name, text);
    }
  }
  const named = new Set(input.entries.map((entry) => entry.name));
  for (const name of named) merged.set(name, variables.get(name) ?? "");
  for (const [name, value] of variables) if (!named.has(name)) merged.set(name, value);
  for (const entry of input.template) {
    const [name, value] = splitEntry(entry);
    if (!merged.has(name)) merged.set(name, value);
  }
  return { env: [...merged].map(([name, value]) => sealTokens(`${name}=${value}`)), variables, findings };
}

/** Message about a reference that nothing defines. */
export function undefinedMessage(name: string): string {
  return `"$(${name})" names no variable of the container and stays as written, unless the cluster defines it as a service variable, which the policy refuses`;
}

/** Message about text that the rules would take for one of their tokens. */
function tokenMessage(name: string, token: string): string {
  return `the value of "${name}" contains ${token}, which policies use for values known only in the cluster`;
}

function splitEntry(entry: string): readonly [name: string, value: string] {
  const at = entry.indexOf("=");
  return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}
