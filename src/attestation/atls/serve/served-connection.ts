import type { KeyObject } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { Evidence } from "../../evidence.ts";
import type { Verified } from "../../verdict.ts";

/** A connection whose handshake is done and whose client was checked. No application data was read or sent yet. */
export interface ServedConnection<Admission> {
  readonly socket: TLSSocket;
  /** Undefined where the client presented no certificate. */
  readonly peer: ServedPeer | undefined;
  /** Of the client; undefined where it is not attested. */
  readonly evidence: Verified<Evidence> | undefined;
  /** What `admit` decided by, such as the state at that time. */
  readonly admission: Admission;
}

/** The key that a client holds; TLS proved that it does. */
export interface ServedPeer {
  readonly certificateDer: Uint8Array;
  readonly publicKey: KeyObject;
  readonly spkiDer: Uint8Array;
}
