/** Result of one expansion. */
export interface Expansion {
  readonly text: string;
  /** Names of references that no variable defines; they stay in the text as written. */
  readonly undefinedNames: readonly string[];
}

/**
 * Expands `$(NAME)` as the kubelet does: one pass from left to right, `$$` stands for `$`, a reference to an unknown
 * variable stays as it is, and what a value brings in is not expanded again.
 *
 * @see kubernetes `third_party/forked/golang/expansion`
 */
export function expandVariables(text: string, variables: ReadonlyMap<string, string>): Expansion {
  if (!text.includes("$")) return { text, undefinedNames: [] };
  const undefinedNames: string[] = [];
  const expanded = text.replaceAll(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return "$";
    const value = variables.get(name);
    if (value === undefined) undefinedNames.push(name);
    return value ?? whole;
  });
  return { text: expanded, undefinedNames };
}
