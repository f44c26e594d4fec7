import type { CommandDefinition, FlagDefinition } from "../../terminal/command-definition.ts";
import { MAX_REQUEST_FLAG } from "../max-request-flag.ts";
import { PLATFORM_NAMES } from "../platform-flags.ts";
import { IMAGE_REPLACEMENTS_FLAG, REFERENCE_VALUES_FILE_FLAG } from "../table-flags.ts";

const PLATFORM_FLAG: FlagDefinition = {
  name: "platform",
  type: "string",
  value: "PLATFORM",
  required: true,
  choices: PLATFORM_NAMES,
  summary: "Platform that the deployment will run on",
};

const NAMESPACE_FLAG: FlagDefinition = {
  name: "namespace",
  short: "n",
  type: "string",
  value: "NAME",
  summary: "Namespace of the objects; without it, whoever applies them chooses",
};

const OUTPUT_FLAG: FlagDefinition = {
  name: "output",
  short: "o",
  type: "string",
  value: "FILE",
  files: ["yml", "yaml"],
  summary: "Write the YAML to this file, not to standard output",
};

const IMAGES_FLAG: FlagDefinition = {
  ...IMAGE_REPLACEMENTS_FLAG,
  summary: "Table of images that goes before the one of this build",
};

const REFERENCE_VALUES_FLAG: FlagDefinition = {
  ...REFERENCE_VALUES_FILE_FLAG,
  summary: "Table of reference values, whose keys are the names of runtimes, in place of the one of this build",
};

const runtimeDefinition: CommandDefinition = {
  name: "runtime",
  summary: "Print the RuntimeClass of a platform and the node installer that makes nodes ready for it",
  description: [
    "Prints a RuntimeClass, and a DaemonSet that installs the runtime on each node, with its ServiceAccount, ClusterRole and ClusterRoleBinding. Apply them once for each cluster and platform; the node installer is privileged and changes the containerd of the nodes.",
    "The name of the runtime is the one that generate writes into pods for the same platform and the same table of reference values.",
  ].join("\n\n"),
  examples: [
    {
      comment: "Make the nodes of a K3s cluster ready",
      command: "contrast resources runtime --platform k3s-qemu-snp | kubectl apply -f -",
    },
    {
      comment: "Only those nodes that have the hardware",
      command:
        "contrast resources runtime --platform metal-qemu-tdx --node-selector example.com/tee=tdx -o runtime.yaml",
    },
  ],
  flags: [
    PLATFORM_FLAG,
    { ...NAMESPACE_FLAG, default: "kube-system", summary: "Namespace of the node installer" },
    {
      name: "node-selector",
      type: "strings",
      value: "KEY=VALUE",
      summary: "Label of the nodes that get the runtime and its pods",
    },
    OUTPUT_FLAG,
    IMAGES_FLAG,
    REFERENCE_VALUES_FLAG,
  ],
  load: async () => (await import("./resources-runtime.ts")).resourcesRuntimeCommand,
};

const coordinatorDefinition: CommandDefinition = {
  name: "coordinator",
  summary: "Print the Coordinator and its Service, ready for generate",
  description: [
    "Prints a StatefulSet and a Service. Put them beside the YAML of the workloads, in the same namespace: generate gives the Coordinator its policy, and writes the hash of that policy to coordinator-policy.sha256.",
    "A Coordinator gets manifest and policies in one request, some 60 KiB for each workload. --max-request-mib writes the variable CONTRAST_MAX_REQUEST_MIB and the memory that it needs; the Coordinator of this program takes as much then, one of Contrast 1.4 takes 4 MiB whatever is written.",
  ].join("\n\n"),
  examples: [
    {
      comment: "Begin a deployment",
      command: "contrast resources coordinator --platform k3s-qemu-snp -o resources/coordinator.yaml",
    },
    {
      comment: "Do not open the Coordinator to the outside; a port-forwarder can reach it",
      command:
        "contrast resources coordinator --platform metal-qemu-snp --namespace shop --service-type ClusterIP -o resources/coordinator.yaml",
    },
  ],
  flags: [
    PLATFORM_FLAG,
    NAMESPACE_FLAG,
    {
      name: "service-type",
      type: "string",
      value: "TYPE",
      default: "LoadBalancer",
      choices: ["LoadBalancer", "NodePort", "ClusterIP"],
      summary: "How the Coordinator is reached from outside of the cluster",
    },
    MAX_REQUEST_FLAG,
    OUTPUT_FLAG,
    IMAGES_FLAG,
    REFERENCE_VALUES_FLAG,
  ],
  load: async () => (await import("./resources-coordinator.ts")).resourcesCoordinatorCommand,
};

const portForwarderDefinition: CommandDefinition = {
  name: "port-forwarder",
  summary: "Print pods that relay kubectl port-forward to Services of confidential pods",
  description: [
    "kubectl port-forward does not reach into confidential pods. A port-forwarder is an ordinary pod that relays TCP to a Service; what goes through it is attested or encrypted from end to end, or it should not go through it.",
    "Prints one pod for each --service, with the ports of --port; by default for the Coordinator. With paths, the Services of that YAML and their TCP ports are taken, all of them or those that --service names. The path - reads standard input. A pod is the same on every platform.",
  ].join("\n\n"),
  examples: [
    {
      comment: "Reach a Coordinator that has no address outside of its cluster",
      command:
        "contrast resources port-forwarder | kubectl apply -f - && kubectl port-forward pod/port-forwarder-coordinator 1313",
    },
    { comment: "For every Service of a deployment", command: "contrast resources port-forwarder resources/" },
  ],
  positionals: { usage: "paths...", minimum: 0, maximum: Number.POSITIVE_INFINITY, files: ["yml", "yaml"] },
  flags: [
    { ...PLATFORM_FLAG, required: false, summary: "Accepted for any platform; the pods are the same" },
    { ...NAMESPACE_FLAG, summary: "Namespace of the pods; without it that of the Service, if it has one" },
    {
      name: "service",
      type: "strings",
      value: "NAME",
      default: ["coordinator"],
      summary: "Service to relay to; with paths, only these Services",
    },
    {
      name: "port",
      type: "strings",
      value: "PORT",
      default: ["1313", "7777"],
      summary: "Port of the Service, where no paths are given",
    },
    OUTPUT_FLAG,
    IMAGES_FLAG,
  ],
  load: async () => (await import("./resources-port-forwarder.ts")).resourcesPortForwarderCommand,
};

/** `contrast resources`: what a cluster needs before there are confidential pods. */
export const resourcesDefinition: CommandDefinition = {
  name: "resources",
  summary: "Print the cluster objects of Contrast: runtime, Coordinator, port-forwarder",
  subcommands: [runtimeDefinition, coordinatorDefinition, portForwarderDefinition],
};
