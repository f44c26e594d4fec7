import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { MESH_FLAGS, MESH_POSITIONALS } from "./mesh-flags.ts";

/** `contrast mesh render`: what each sidecar will do. */
export const meshRenderDefinition: CommandDefinition = {
  name: "render",
  summary: "Show what each sidecar will do: ports, remotes, probes that will fail",
  description: [
    "Reads every .yml and .yaml file under the given paths (the workspace without paths, - for standard input), before or after generate, without network and cluster. For each workload it shows where the sidecar comes from, what a connection to each port needs, where each egress entry leads, and what will not work or is not protected. A sidecar that stands in the YAML counts before annotations.",
    "With --show rules or --show bootstrap it prints the packet-filter rules as commands, or the configuration of Envoy as JSON, as the sidecar will install them; name a workload with --workload where there are several.",
    "The command succeeds whatever it shows, unless --fail-on names a severity. Words, severities and the JSON are described in docs/mesh-views.md.",
  ].join("\n\n"),
  examples: [
    { comment: "Look at everything under resources/", command: "contrast mesh render resources/" },
    {
      comment: "What does the sidecar of one workload tell the packet filter?",
      command: "contrast mesh render --workload web --show rules resources/",
    },
    { comment: "Fail in continuous integration", command: "contrast mesh render --fail-on warning resources/" },
  ],
  positionals: MESH_POSITIONALS,
  flags: [
    {
      name: "show",
      type: "string",
      value: "WHAT",
      default: "ports",
      choices: ["ports", "rules", "bootstrap"],
      summary: "What is printed of each sidecar",
    },
    {
      name: "workload",
      type: "string",
      value: "NAME",
      summary: "Show only workloads of this name; KIND/NAME and NAMESPACE/KIND/NAME are taken too",
    },
    ...MESH_FLAGS,
  ],
  load: async () => (await import("./mesh-render.ts")).meshRenderCommand,
};
