import { parseMeshConfig } from "../../src/servicemesh/mesh-config.ts";
import type { MeshConfig } from "../../src/servicemesh/mesh-config.ts";

/** Annotations of a workload; what is not given is absent. */
export interface MeshTexts {
  readonly ingress?: string;
  readonly egress?: string;
  readonly adminPort?: string;
}

/** What the annotations say; fails where they have an error. */
export function meshConfig({ ingress, egress, adminPort }: MeshTexts): MeshConfig {
  return parseMeshConfig({ ingress, egress, adminPort }, ({ severity, code, message }) => {
    if (severity === "error") throw new Error(`${code}: ${message}`);
  });
}
