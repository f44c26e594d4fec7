import type { ParsedConfig } from "./image-config.ts";
import type { StoredLayer } from "./stored-layer.ts";

/** An image for linux/amd64 whose documents have been checked; its layers have not been read yet. */
export interface ResolvedImage {
  readonly digest: string;
  readonly digestOrigin: "registry" | "image-id";
  readonly manifestDigest: string;
  readonly config: ParsedConfig;
  /** From the oldest to the newest. */
  readonly layers: readonly StoredLayer[];
  /** Runs a task that reads layers, with the limits of the place where they lie. */
  attempt<T>(task: () => Promise<T>): Promise<T>;
}
