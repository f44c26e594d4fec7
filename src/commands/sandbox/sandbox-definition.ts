import type { CommandDefinition, FlagDefinition } from "../../terminal/command-definition.ts";
import { MANIFEST_FLAG } from "../coordinator-flags.ts";
import { DIRECTORY_FLAG } from "./sandbox-flags.ts";

function portFlag(name: string, use: string, port: string): FlagDefinition {
  return { name, type: "string", value: "PORT", default: port, summary: `Port of the ${use} on 127.0.0.1; 0 for any` };
}

const upDefinition: CommandDefinition = {
  name: "up",
  summary: "Start the deployment on this computer, with simulated hardware",
  description: [
    "Reads the YAML that generate wrote, and the platform from the manifest. Makes a simulated machine, or takes the one that is there, and starts on loopback: the services of the machine's vendor, a Coordinator, and the Initializer of each workload under the workload's policy. The Initializers wait until set has given the Coordinator a manifest, as they do in a cluster.",
    "Everything is in the directory of the sandbox: logs, certificates, the history of the Coordinator. It stays after down, so that the next up finds a Coordinator that needs recovery.",
    "The processes run in the background until down. If the process that started them is killed, they end too; one that crashes is not restarted, and status shows it.",
    "Nothing of a sandbox is trusted by anybody who does not name its roots with --insecure-trust-roots, and nothing in it is secret.",
  ].join("\n\n"),
  examples: [
    { comment: "Start the deployment in resources/", command: "contrast sandbox up resources/" },
    {
      comment: "Beside another program that has the ports of the Coordinator",
      command: "contrast sandbox up --user-api-port 11313 --mesh-api-port 17777 resources/",
    },
  ],
  positionals: { usage: "paths...", minimum: 0, maximum: Number.POSITIVE_INFINITY, files: ["yml", "yaml"] },
  flags: [
    { ...MANIFEST_FLAG, summary: "Manifest with the reference values, which say what machine it is for" },
    DIRECTORY_FLAG,
    portFlag("user-api-port", "Coordinator's user API", "1313"),
    portFlag("mesh-api-port", "Coordinator's mesh API", "7777"),
    portFlag("vendor-port", "simulated vendor services", "8313"),
    portFlag("metrics-port", "Coordinator's metrics", "0"),
    { name: "foreground", type: "boolean", summary: "Do not go into the background; Ctrl-C stops everything" },
  ],
  load: async () => (await import("./up.ts")).upCommand,
};

const applyDefinition: CommandDefinition = {
  name: "apply",
  summary: "Take over changed YAML, as kubectl apply does",
  description:
    "Workloads with a new policy are made anew and wait for a manifest that has it, new ones are started, and those that are gone are stopped. Everything else goes on, the Coordinator too.",
  examples: [{ comment: "After a change of the YAML and generate", command: "contrast sandbox apply resources/" }],
  positionals: { usage: "paths...", minimum: 0, maximum: Number.POSITIVE_INFINITY, files: ["yml", "yaml"] },
  flags: [
    { ...MANIFEST_FLAG, summary: "Manifest with the reference values, which say what machine it is for" },
    DIRECTORY_FLAG,
  ],
  load: async () => (await import("./apply.ts")).applyCommand,
};

const downDefinition: CommandDefinition = {
  name: "down",
  summary: "Stop everything that up started",
  description:
    "Certificates, logs and the history of the Coordinator are kept for the next up, unless --delete is given.",
  examples: [{ comment: "Stop the sandbox and remove its directory", command: "contrast sandbox down --delete" }],
  flags: [
    DIRECTORY_FLAG,
    { name: "delete", type: "boolean", summary: "Remove the directory too, if nothing but a sandbox is in it" },
  ],
  load: async () => (await import("./down.ts")).downCommand,
};

const statusDefinition: CommandDefinition = {
  name: "status",
  summary: "Show the processes, the state of the Coordinator and the certificates of the workloads",
  description:
    "The exit status is 0 if everything runs or has done its work, and 1 if something has crashed, the sandbox does not run, or --wait waited in vain, in every format.",
  examples: [
    { comment: "After set: wait for the workloads", command: "contrast sandbox status --wait" },
    { comment: "For a script", command: "contrast sandbox status --format json" },
  ],
  flags: [
    DIRECTORY_FLAG,
    { name: "wait", type: "boolean", summary: "Wait until no workload waits for its certificate" },
    { name: "timeout", type: "string", value: "SECONDS", default: "60", summary: "How long to wait at most" },
  ],
  load: async () => (await import("./status.ts")).statusCommand,
};

const restartDefinition: CommandDefinition = {
  name: "restart",
  summary: "Restart the Coordinator, or make workloads anew",
  description: [
    "The Coordinator loses its seed and needs recovery, as after the restart of its pod.",
    "A workload loses its certificate and gets a new one, as after kubectl rollout restart.",
  ].join("\n\n"),
  examples: [
    { comment: "Restart the Coordinator", command: "contrast sandbox restart coordinator" },
    {
      comment: "After recovery: new certificates for one workload",
      command: "contrast sandbox restart deployment/web",
    },
    { comment: "Restart the Coordinator and all workloads", command: "contrast sandbox restart --all" },
  ],
  positionals: { usage: "names...", minimum: 0, maximum: Number.POSITIVE_INFINITY },
  flags: [
    DIRECTORY_FLAG,
    { name: "all", type: "boolean", summary: "The Coordinator and all workloads" },
    { name: "workloads", type: "boolean", summary: "All workloads" },
  ],
  exclusive: [["all", "workloads"]],
  load: async () => (await import("./restart.ts")).restartCommand,
};

const runDefinition: CommandDefinition = {
  name: "run",
  summary: "Run a program as a workload, with its certificates",
  description: [
    "The program runs in the current directory, with the standard streams of this command, and its exit status is that of the command. Put -- in front of it, so that its flags are its own.",
    "CONTRAST_DIR is what /contrast is in the pod, CONTRAST_TLS_DIR its directory tls-config. CONTRAST_CERT_CHAIN, CONTRAST_KEY, CONTRAST_MESH_CA and CONTRAST_ROOT_CA are the files in it.",
  ].join("\n\n"),
  examples: [
    {
      comment: "A server that asks its clients for certificates of the mesh",
      command: `contrast sandbox run web -- sh -c 'exec openssl s_server -accept 8443 -cert "$CONTRAST_CERT_CHAIN" -key "$CONTRAST_KEY" -CAfile "$CONTRAST_MESH_CA" -Verify 1'`,
    },
  ],
  positionals: { usage: "workload -- program [arguments...]", minimum: 2, maximum: Number.POSITIVE_INFINITY },
  flags: [DIRECTORY_FLAG],
  load: async () => (await import("./run.ts")).runCommand,
};

const referenceValuesDefinition: CommandDefinition = {
  name: "reference-values",
  summary: "Print reference values by which the guests of a sandbox are trusted",
  description:
    "A build without guest images writes placeholders into the manifest, which set refuses. Give what this prints to generate, and manifests of every platform can be used in a sandbox. No hardware measures what it names, so such a manifest is of no use elsewhere.",
  examples: [
    { comment: "Print them to a file", command: "contrast sandbox reference-values >reference-values.json" },
    {
      comment: "Then make a manifest for a sandbox",
      command:
        "contrast generate --reference-values k3s-qemu-snp --reference-values-file reference-values.json resources/",
    },
  ],
  load: async () => (await import("./reference-values.ts")).referenceValuesCommand,
};

/** The process behind `up`. */
const superviseDefinition: CommandDefinition = {
  name: "supervise",
  hidden: true,
  summary: "Own the processes of a sandbox; started by up",
  flags: [DIRECTORY_FLAG],
  load: async () => (await import("./supervise.ts")).superviseCommand,
};

/** What the supervisor starts. */
const childDefinition: CommandDefinition = {
  name: "child",
  hidden: true,
  summary: "Run a command until standard input ends; started by supervise",
  positionals: { usage: "command...", minimum: 1, maximum: Number.POSITIVE_INFINITY },
  load: async () => (await import("./child.ts")).childCommand,
};

/** `contrast sandbox`: the whole life of a deployment without special hardware. */
export const sandboxDefinition: CommandDefinition = {
  name: "sandbox",
  summary: "Run a deployment on this computer, with simulated hardware",
  subcommands: [
    upDefinition,
    applyDefinition,
    statusDefinition,
    runDefinition,
    restartDefinition,
    downDefinition,
    referenceValuesDefinition,
    superviseDefinition,
    childDefinition,
  ],
};
