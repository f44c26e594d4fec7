import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { MESH_FLAGS, MESH_POSITIONALS } from "./mesh-flags.ts";

/** `contrast mesh graph`: who talks to whom. */
export const meshGraphDefinition: CommandDefinition = {
  name: "graph",
  summary: "Show who talks to whom over what, as text, JSON, SVG, DOT or Mermaid",
  description: [
    "Reads every .yml and .yaml file under the given paths (the workspace without paths, - for standard input), before or after generate, without network and cluster. Egress entries are matched to Services and workloads of the same input, and so are addresses of Services in variables and arguments, which go past the mesh. Services of type LoadBalancer and NodePort, ports of nodes and Ingresses show what is open to clients outside of the cluster.",
    "Each connection has a verdict: mutual TLS, TLS, attested TLS, an exempted port, refused, no sidecar at the other end, nowhere (nothing in the input answers), or outside of the input.",
    "The command succeeds whatever it shows, unless --fail-on names a severity. Verdicts, severities and the JSON are described in docs/mesh-views.md.",
  ].join("\n\n"),
  examples: [
    { comment: "List all connections", command: "contrast mesh graph resources/" },
    { comment: "Draw them", command: "contrast mesh graph --as svg --output mesh.svg resources/" },
    { comment: "Draw them with Graphviz", command: "contrast mesh graph --as dot resources/ | dot -Tpdf -o mesh.pdf" },
  ],
  positionals: MESH_POSITIONALS,
  flags: [
    {
      name: "as",
      type: "string",
      value: "KIND",
      default: "text",
      choices: ["text", "svg", "dot", "mermaid"],
      summary: "How the graph is written",
    },
    {
      name: "output",
      short: "o",
      type: "string",
      value: "FILE",
      files: [],
      summary: "File in place of standard output",
    },
    ...MESH_FLAGS,
  ],
  load: async () => (await import("./mesh-graph.ts")).meshGraphCommand,
};
