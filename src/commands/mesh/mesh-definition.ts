import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { meshGraphDefinition } from "./mesh-graph-definition.ts";
import { meshRenderDefinition } from "./mesh-render-definition.ts";

/** `contrast mesh`: what the service mesh of a deployment will do. */
export const meshDefinition: CommandDefinition = {
  name: "mesh",
  summary: "Show what the service mesh of a deployment will do",
  examples: [
    { comment: "What will each sidecar do, and what will not work?", command: "contrast mesh render resources/" },
    { comment: "Draw who talks to whom", command: "contrast mesh graph --as svg --output mesh.svg resources/" },
  ],
  subcommands: [meshRenderDefinition, meshGraphDefinition],
};
