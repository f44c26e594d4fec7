import { annotationSection } from "./annotation-section.ts";
import type { ContainerDescription, ContainerRole } from "./description.ts";
import { environmentSection } from "./environment-section.ts";
import { capabilitySection } from "./capability-section.ts";
import { execSection } from "./exec-section.ts";
import { isolationSection } from "./isolation-section.ts";
import { storageSections } from "./storage-sections.ts";
import { mountSection } from "./mount-section.ts";
import { isInjectedName } from "./pod-source.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import { commandSection, processSection } from "./process-section.ts";

/** Everything that one container may be. */
export function describeContainer(inputs: ContainerInputs): ContainerDescription {
  const { view, isEmbeddedRules, source, inYaml } = inputs;
  const role: ContainerRole = view.isSandbox ? "sandbox" : (inYaml?.role ?? "unknown");
  return {
    name: view.name,
    role,
    injected: isInjectedName(view.name),
    place: inYaml === undefined ? undefined : source?.field(inYaml.path).place,
    sections: [
      processSection(inputs),
      commandSection(inputs),
      environmentSection(view, isEmbeddedRules, source, inYaml),
      mountSection(inputs),
      ...storageSections(inputs),
      execSection(inputs),
      capabilitySection(inputs),
      isolationSection(inputs),
      annotationSection(inputs),
    ],
  };
}
