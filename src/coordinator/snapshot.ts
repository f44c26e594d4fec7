import type { Manifest } from "../manifest/schema.ts";
import type { CertificateAuthority } from "./ca/certificate-authority.ts";
import type { LatestTransition } from "./history/latest-transition.ts";
import type { SeedEngine } from "./seed/seed-engine.ts";

/** Everything that an active Coordinator answers by. Never modified: a change makes another one. */
export interface Snapshot {
  readonly seedEngine: SeedEngine;
  /** Policy hashes in lower case. */
  readonly manifest: Manifest;
  /** As the client sent it. */
  readonly manifestBytes: Uint8Array;
  readonly ca: CertificateAuthority;
  /** As the history has it. */
  readonly latest: LatestTransition;
  /** Number of transitions in the chain, 1 for the first manifest. */
  readonly generation: number;
}

/** The one place that holds the snapshot in force. */
export class SnapshotCell {
  #current: Snapshot | undefined;

  /** Undefined before the first manifest, and after a restart until the recovery. */
  get current(): Snapshot | undefined {
    return this.#current;
  }

  /**
   * Replaces the snapshot if it is still the expected one.
   *
   * @returns whether it was
   */
  compareAndSwap(expected: Snapshot | undefined, next: Snapshot): boolean {
    if (this.#current !== expected) return false;
    this.#current = next;
    return true;
  }
}
