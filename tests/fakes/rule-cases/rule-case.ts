import { rulePolicy, type Tree } from "../rule-policy.ts";
import { createContainer, type IDS } from "../rule-requests.ts";

/** One thing about the rules: a policy, requests that come first and are all allowed, and the request in question. */
export interface RuleCase {
  readonly title: string;
  readonly policy: Tree;
  readonly first: readonly Step[];
  readonly last: Step;
  readonly allowed: boolean;
}

export interface Step {
  readonly kind: string;
  readonly request: Tree;
}

export type Edit = (tree: Tree) => void;
export type Name = keyof typeof IDS;

/** Leaves everything as the runtime sends it. */
export const noEdit: Edit = () => {};

export function ruleCase(
  title: string,
  allowed: boolean,
  last: Step,
  options: { policy?: Edit; first?: Step[] } = {},
): RuleCase {
  const policy = rulePolicy();
  (options.policy ?? noEdit)(policy);
  return { title, policy, first: options.first ?? [], last, allowed };
}

export function create(name: Name, edit: Edit = noEdit): Step {
  const request = createContainer(name);
  edit(request);
  return { kind: "CreateContainerRequest", request };
}

/** A container whose request, or whose policy, differs from the usual in one thing. */
const created = (title: string, allowed: boolean, name: Name, edit: Edit, policy: Edit = noEdit): RuleCase =>
  ruleCase(`${name}: ${title}`, allowed, create(name, edit), { policy });

export const denied = (title: string, name: Name, edit: Edit, policy?: Edit): RuleCase =>
  created(title, false, name, edit, policy);
export const allowed = (title: string, name: Name, edit: Edit, policy?: Edit): RuleCase =>
  created(title, true, name, edit, policy);

export const mountOf = (request: Tree, destination: string): Tree =>
  request.OCI.Mounts.find((mount: Tree) => mount.destination === destination);

export const policyOf = (policy: Tree, name: string): Tree =>
  policy.containers.find((container: Tree) => container.image.includes(`/${name}:`));
