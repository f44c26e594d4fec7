import type { Finding } from "../lib/finding.ts";

/** Something to say about one workload. */
export interface MeshNote extends Finding {
  /** Error code, or the id of a rule of lint. */
  readonly code: string;
}
