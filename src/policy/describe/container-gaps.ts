import { POD_ROLE_ANNOTATION } from "../../kubernetes/contrast-names.ts";
import { capabilitiesOf } from "../capabilities-of.ts";
import type { ContainerView, PolicyView } from "../policy-view.ts";
import type { Gap } from "./description.ts";
import { secretVariables, splitVariable } from "./environment-section.ts";
import { type GapInputs, gapUnlessEmpty, shortList } from "./gap-inputs.ts";
import { isInjectedName } from "./pod-source.ts";
import { isHostChosen } from "./room-of.ts";
import { hasLayerHashes } from "./storage-sections.ts";

/** Variables that every container has without being asked for. */
const USUAL_VARIABLES = new Set(["PATH", "HOSTNAME", "TERM"]);

/** Gaps in what containers may be: which of them start, their images, privileges, variables and arguments. */
export function containerGaps({ parsed, containers, source }: GapInputs): readonly Gap[] {
  const { data, isEmbeddedRules } = parsed;
  if (data === undefined) return [];
  const own = containers.filter(({ view }) => !view.isSandbox);
  const isUnpinned = (image: string | undefined): boolean =>
    image === undefined || !/@sha256:[0-9a-f]{64}$/.test(image);
  const namespaces = containers.map(({ view }) => view.annotations.get("io.kubernetes.cri.sandbox-namespace") ?? "");
  return [
    ...gapUnlessEmpty({
      id: "privileged",
      weight: own.some(({ view, policy }) => isPrivileged(view, policy) && !isOfContrast(view)) ? "high" : "note",
      title: "Containers are privileged, or as good as that",
      why: "They may do everything inside the guest, also to the other containers of the pod; what they run is pinned by the policy all the same.",
      action:
        "Remove privileged: true or SYS_ADMIN, and name the capabilities that are needed. The Coordinator and the mesh sidecar of Contrast need theirs.",
      concerns: own
        .filter(({ view, policy }) => isPrivileged(view, policy))
        .map(({ view }) => (hasAllCapabilities(view) ? view.name : `${view.name}: SYS_ADMIN`)),
    }),
    ...gapUnlessEmpty({
      id: "image-without-digest",
      weight: "high",
      title: "Images are named without digest",
      why: isEmbeddedRules
        ? "The policy cannot tell the right image from another one, so these containers do not start."
        : "Whoever controls the registry or the host decides what runs.",
      action: 'Write the digest behind the reference, or run "contrast generate --pin-images".',
      concerns: own
        .filter(
          ({ view, policy }) =>
            isUnpinned(view.image) && policy.imageVerification !== "tardev" && !hasLayerHashes(view),
        )
        .map(({ view }) => `${view.name}: ${view.image ?? "no image"}`),
    }),
    ...gapUnlessEmpty({
      id: "image-unverified",
      weight: "high",
      title: "Images are not verified",
      why: "The policy ties these containers to no content, so the host decides what runs in them.",
      action: "Use a profile that verifies images: image_verification guest-pull or tardev.",
      concerns: own
        .filter(({ view, policy }) => isEmbeddedRules && !isVerified(view, policy))
        .map(({ view }) => view.name),
    }),
    ...gapUnlessEmpty({
      id: "namespace-any",
      weight: "medium",
      title: "The pod may run in any namespace",
      why: "The policy names none, so the host may place it beside other services, whose names then mean something else.",
      action: 'Write metadata.namespace into the YAML and run "contrast generate" again.',
      concerns:
        namespaces.length > 0 && namespaces.every((namespace) => namespace === "")
          ? [source === undefined ? "pod" : "metadata.namespace"]
          : [],
    }),
    ...gapUnlessEmpty({
      id: "containers-skipped",
      weight: own.some(({ inYaml }) => inYaml?.role === "init") ? "medium" : "note",
      title: "Containers may be left out, and may start in any order",
      why: "The policy says what a container may be, not that it must run. The host may skip an init container, or start containers before it is done.",
      action: "Let containers check what init containers prepare, and fail without it.",
      concerns: own.length > 1 ? own.map(({ view }) => view.name) : [],
    }),
    ...gapUnlessEmpty({
      id: "variables-missing",
      weight: "note",
      title: "Variables may be left out",
      why: "The host cannot change them, but a program that falls back to a default without its variable runs with that default.",
      action: "Let programs fail when a variable is missing that security depends on.",
      concerns: own.flatMap(({ view }) => {
        const names = view.env.map((entry) => splitVariable(entry)[0]).filter((name) => !USUAL_VARIABLES.has(name));
        return names.length === 0 ? [] : [`${view.name}: ${shortList(names)}`];
      }),
    }),
    ...gapUnlessEmpty({
      id: "secrets-in-variables",
      weight: "high",
      title: "Values of Secrets are in variables",
      why: "The host hands variables to the guest, and their values are in the policy: whoever reads the YAML, the pod or the policy reads them.",
      action: "Take secrets from Contrast (/contrast/secrets), or fetch them over the mesh after attestation.",
      concerns: own.flatMap(({ view, inYaml }) => {
        const names = inYaml === undefined ? [] : secretVariables(inYaml);
        return names.length === 0 ? [] : [`${view.name}: ${shortList(names)}`];
      }),
    }),
    ...gapUnlessEmpty({
      id: "variables-readable",
      weight: "note",
      title: "The host reads variables and arguments",
      why: "They are in the policy and in what the host asks for; the policy keeps them from being changed, not from being read.",
      action: "Keep secrets out of variables and arguments.",
      concerns: own.filter(({ view }) => view.env.length + view.args.length > 0).map(({ view }) => view.name),
    }),
    ...gapUnlessEmpty({
      id: "values-host-chosen",
      weight: "note",
      title: "The host chooses parts of variables and arguments",
      why: "Values that only the cluster knows, such as addresses and node names, are checked by their form alone.",
      action: "Do not decide about trust by them.",
      concerns: own.flatMap(({ view }) => {
        const names = view.env.flatMap((entry) => {
          const [name, value] = splitVariable(entry);
          return isHostChosen(value) && !(name === "HOSTNAME" && value === "$(host-name)") ? [name] : [];
        });
        const args = view.args.flatMap((arg, index) => (isHostChosen(arg) ? [`argument ${index}`] : []));
        return names.length + args.length === 0 ? [] : [`${view.name}: ${shortList([...names, ...args])}`];
      }),
    }),
    ...gapUnlessEmpty({
      id: "annotations-unchecked",
      weight: "note",
      title: "Annotations of the runtime are the host's",
      why: "Of what the runtime writes into annotations, the policy checks names and ids, not every value.",
      action: "Do not read annotations of the runtime in the guest.",
      concerns: own.some(({ view }) => view.annotationPatterns.size > 0) ? ["annotations of the runtime"] : [],
    }),
    ...gapUnlessEmpty({
      id: "processes-shared",
      weight: "note",
      title: "Containers of the pod see each other's processes",
      why: "shareProcessNamespace lets every container signal the others and read their environment.",
      action: "Remove it unless it is needed.",
      concerns: own.filter(({ view }) => view.sharesProcesses).map(({ view }) => view.name),
    }),
  ];
}

function isVerified(view: ContainerView, { imageVerification = "none" }: PolicyView): boolean {
  return imageVerification === "tardev" ? hasLayerHashes(view) : imageVerification !== "none";
}

function isPrivileged(view: ContainerView, policy: PolicyView): boolean {
  return hasAllCapabilities(view) || capabilitiesOf(view, policy, "Effective").includes("CAP_SYS_ADMIN");
}

function hasAllCapabilities(view: ContainerView): boolean {
  return view.capabilities.Effective.includes("$(privileged_caps)");
}

/** What Contrast brings along needs its capabilities: the mesh sidecar all of them, the Coordinator one. */
function isOfContrast(view: ContainerView): boolean {
  const isCoordinator = view.name === "coordinator" && view.annotations.get(POD_ROLE_ANNOTATION) === "coordinator";
  return isInjectedName(view.name) || (isCoordinator && !hasAllCapabilities(view));
}
