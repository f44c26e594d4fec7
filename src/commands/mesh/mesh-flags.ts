import type { FlagDefinition, PositionalDefinition } from "../../terminal/command-definition.ts";

/** Files of both commands. */
export const MESH_POSITIONALS: PositionalDefinition = {
  usage: "[paths...]",
  minimum: 0,
  maximum: Number.POSITIVE_INFINITY,
  files: ["yml", "yaml"],
};

/** Flags of both commands. */
export const MESH_FLAGS: readonly FlagDefinition[] = [
  { name: "skip-service-mesh", type: "boolean", summary: "Generate will not inject the service mesh" },
  {
    name: "cluster-domain",
    type: "string",
    value: "DOMAIN",
    default: "cluster.local",
    summary: "Domain of the cluster's DNS",
  },
  {
    name: "fail-on",
    type: "string",
    value: "SEVERITY",
    default: "never",
    choices: ["error", "warning", "info", "never"],
    summary: "Mildest finding that makes the command fail",
  },
];
