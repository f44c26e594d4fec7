import { CLUSTER_VARIABLES } from "./cluster-variables.ts";

/** Result of one expansion. */
export interface Expansion {
  readonly text: string;
  /**
   * References that no variable defines and that have the form of the variables that a cluster defines for its services.
   * All others, such as `$(cat file)` of a shell, are no references in any cluster.
   */
  readonly undefinedNames: readonly string[];
}

const SERVICE_VARIABLE = /^[A-Z][A-Z0-9_]*$/;

/**
 * Expands `$(NAME)` as the kubelet does: one pass from left to right, `$$` stands for `$`, a reference to an unknown
 * variable stays as it is, and what a value brings in is not expanded again.
 *
 * @param variables of the pod; those that every cluster defines are known besides
 * @see kubernetes `third_party/forked/golang/expansion`
 */
export function expandVariables(text: string, variables: ReadonlyMap<string, string>): Expansion {
  if (!text.includes("$")) return { text, undefinedNames: [] };
  const undefinedNames: string[] = [];
  const expanded = text.replaceAll(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return "$";
    const value = variables.get(name) ?? CLUSTER_VARIABLES.get(name);
    if (value === undefined && SERVICE_VARIABLE.test(name)) undefinedNames.push(name);
    return value ?? whole;
  });
  return { text: expanded, undefinedNames };
}
