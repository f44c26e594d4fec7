import type { ContainerView, PolicyView } from "../policy-view.ts";
import type { UsualParts } from "../usual-parts.ts";
import type { ContainerInYaml, PodSource } from "./pod-source.ts";

/** One container with everything around it that explains it. */
export interface ContainerInputs {
  readonly view: ContainerView;
  readonly policy: PolicyView;
  readonly isEmbeddedRules: boolean;
  readonly source: PodSource | undefined;
  readonly inYaml: ContainerInYaml | undefined;
  /** The shipped settings; what any of them gives to every container is routine. */
  readonly usual: readonly UsualParts[];
}
