import type { Gap } from "./description.ts";
import { type GapInputs, gapUnlessEmpty, shortList } from "./gap-inputs.ts";
import { hostMounts } from "./mount-section.ts";

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const AZURE_TOKENS = "/var/run/secrets/azure/tokens";

/** Kinds of volumes that carry configuration. */
const CONFIGURATION = new Set(["configMap", "secret", "projected", "downwardAPI"]);

/** Gaps in what files hold. */
export function contentGaps({ parsed, containers }: GapInputs): readonly Gap[] {
  if (parsed.data === undefined) return [];
  const found = containers.flatMap(({ view, source, inYaml }) =>
    hostMounts(view, source, inYaml).map((mount) => ({ ...mount, container: view.name })),
  );
  const isUsual = (destination: string): boolean => destination === SERVICE_ACCOUNT || destination === AZURE_TOKENS;
  const listed = found.filter(({ destination }) => !isUsual(destination));
  const configuration = listed.filter(({ kind }) => kind !== undefined && CONFIGURATION.has(kind));
  const others = listed.filter(({ kind }) => kind === undefined || !CONFIGURATION.has(kind));
  const own = containers.filter(({ view }) => !view.isSandbox);
  const annotated = own.filter(({ view }) => view.annotatedGpus > 0);
  const gpus = annotated.map(
    ({ view }) => `${view.name}: up to ${view.annotatedGpus} ${view.annotatedGpus === 1 ? "GPU" : "GPUs"}`,
  );
  const devices = own.flatMap(({ view }) => view.devices.map((path) => ({ path, text: `${view.name}: ${path}` })));
  return [
    ...gapUnlessEmpty({
      id: "configuration-host-controlled",
      weight: "high",
      title: "The host decides what files of ConfigMaps, Secrets and projected volumes hold",
      why: "The policy fixes where they are mounted, not their content, which the host copies into the guest and can read.",
      action:
        "Pass configuration by variables with fixed values, put it into the image, or take secrets from Contrast (/contrast).",
      concerns: configuration.map(({ container, destination, kind }) => `${container}: ${destination} (${kind ?? ""})`),
    }),
    ...gapUnlessEmpty({
      id: "storage-host-controlled",
      weight: "high",
      title: "The host can read and change what is stored in volumes",
      why: "Host paths, claims with a file system and every other directory that the runtime shares are files of the host; without the YAML, those of ConfigMaps and Secrets count among them.",
      action: "Encrypt and authenticate what is stored, or use a block volume with the encryption of Contrast.",
      concerns: others.map(
        ({ container, destination, kind }) => `${container}: ${destination}${kind === undefined ? "" : ` (${kind})`}`,
      ),
    }),
    ...gapUnlessEmpty({
      id: "block-devices",
      weight: "medium",
      title: "Block devices are the host's",
      why: "It can read and change every block, and present an older state, unless the guest encrypts them.",
      action: 'Use them through the encryption of Contrast ("contrast-initializer cryptsetup").',
      concerns: devices.filter((device) => !isPassedThrough(device.path)).map(({ text }) => text),
    }),
    ...gapUnlessEmpty({
      id: "hardware-host-chosen",
      weight: "medium",
      title: "The host chooses which hardware is passed through",
      why: "The policy counts devices such as GPUs, but cannot tell a genuine one from another.",
      action: "Let the workload attest the device before it hands data to it.",
      concerns: [...devices.filter((device) => isPassedThrough(device.path)).map(({ text }) => text), ...gpus],
    }),
    ...gapUnlessEmpty({
      id: "network-host-controlled",
      weight: "note",
      title: "Names, routes and packets are the host's",
      why: "/etc/hosts, /etc/resolv.conf and the network itself come from the host; it decides who answers.",
      action: "Authenticate every peer: use the service mesh, or TLS with the certificates in /contrast.",
      concerns: own.length === 0 ? [] : [shortList(own.map(({ view }) => view.name))],
    }),
    ...gapUnlessEmpty({
      id: "mounts-missing",
      weight: "note",
      title: "Mounts may be left out",
      why: "A program then sees the image's own files at that place, or none.",
      action: "Let programs fail when a file is missing that security depends on.",
      concerns: listed.length === 0 ? [] : [shortList([...new Set(listed.map(({ destination }) => destination))])],
    }),
    ...gapUnlessEmpty({
      id: "service-account-token",
      weight: "note",
      title: "The host may give containers any service account token",
      why: "The policy allows the mount for every container, and the files in it are the host's.",
      action: "Do not trust what the Kubernetes API answers with more than with the host's word.",
      concerns: [
        ...new Set(found.filter(({ destination }) => isUsual(destination)).map(({ destination }) => destination)),
      ],
    }),
  ];
}

/** GPUs and the like; other devices are disks. */
function isPassedThrough(path: string): boolean {
  return path.startsWith("/dev/vfio/");
}
