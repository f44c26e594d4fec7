import { join } from "node:path";
import { ContrastError } from "../lib/errors.ts";
import type { FlagDefinition, ParsedFlags } from "./command-definition.ts";
import type { FlagValue } from "./flag-grammar.ts";

/**
 * Gives the flags of one call by name, with their defaults.
 *
 * @param workspaceDir put before the defaults of file flags (`inWorkspace`); empty for none
 */
export function createParsedFlags(
  definitions: readonly FlagDefinition[],
  values: ReadonlyMap<string, FlagValue>,
  workspaceDir: string,
): ParsedFlags {
  const prefixed = (path: string): string => (workspaceDir === "" ? path : join(workspaceDir, path));
  const defaultOf = (flag: FlagDefinition): FlagValue | undefined => {
    const value = flag.default;
    if (flag.inWorkspace !== true || value === undefined || typeof value === "boolean") return value;
    return typeof value === "string" ? prefixed(value) : value.map(prefixed);
  };
  const valueOf = (name: string, type: FlagDefinition["type"]): FlagValue | undefined => {
    const flag = definitions.find((candidate) => candidate.name === name);
    if (flag?.type !== type) throw new ContrastError("lib/internal", `Cannot read flag "${name}": not a ${type} flag`);
    return values.get(name) ?? defaultOf(flag);
  };
  return {
    string: (name) => {
      const value = valueOf(name, "string");
      return typeof value === "string" ? value : "";
    },
    strings: (name) => {
      const value = valueOf(name, "strings");
      return typeof value === "object" ? value : [];
    },
    boolean: (name) => valueOf(name, "boolean") === true,
    isSet: (name) => values.has(name),
  };
}
