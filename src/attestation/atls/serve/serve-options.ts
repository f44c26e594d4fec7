import type { ContrastError } from "../../../lib/errors.ts";
import type { Logger } from "../../../lib/log.ts";
import type { EvidenceIssuer } from "../../issuer.ts";
import type { EvidenceValidator } from "../../validator.ts";
import type { ServedConnection } from "./served-connection.ts";

/** How a server accepts connections. */
export interface AtlsServiceOptions<Admission> {
  /** Port 0 lets the system choose. */
  readonly address: { readonly host: string; readonly port: number };
  /** Proves the server to each client that sends a nonce; undefined for a certificate without evidence. */
  readonly issuer: EvidenceIssuer | undefined;
  /** Whether clients may stay without certificate, or must present evidence. */
  readonly clientCertificate: "requested" | "attested";
  /** Asked for each connection before its handshake; a rejection ends the connection. */
  readonly admit: () => Promise<AtlsAdmission<Admission>>;
  /**
   * Receives each connection when it is checked, and what to tell whether nothing happens on it until its client does
   * something: such a connection makes room for others where there is none left.
   */
  readonly onConnection: (connection: ServedConnection<Admission>, setWaiting: (isWaiting: boolean) => void) => void;
  /** Hears of each connection that was ended before that. */
  readonly onRefused: (refusal: AtlsRefusal) => void;
  readonly now: () => Date;
  readonly log: Logger;
  readonly limits?: Partial<AtlsLimits> | undefined;
}

/** What was decided about a connection before its handshake. */
export interface AtlsAdmission<Admission> {
  /** Judges the client; undefined where clients are not attested. */
  readonly validate: EvidenceValidator | undefined;
  readonly admission: Admission;
}

/**
 * Why a connection was ended.
 *
 * - `attestation`: the client's certificate or evidence is missing, was refused or could not be judged
 * - `admission`: `admit` rejected
 * - `handshake`: no TLS, no nonce, too slow, broken off
 * - `limit`: there are too many connections
 */
export interface AtlsRefusal {
  readonly reason: "attestation" | "admission" | "handshake" | "limit";
  readonly error: ContrastError;
  /** IP address of the client; empty where it is gone already. */
  readonly address: string;
}

/** Upper bounds that no client can pass. */
export interface AtlsLimits {
  /** For everything from the first byte until the evidence of both sides is made and judged. */
  readonly handshakeTimeoutMs: number;
  /** Handshakes for which evidence is made at one time; others wait for their turn within their time. */
  readonly issuing: number;
  /** Handshakes that are not done, whatever they wait for. */
  readonly handshakes: number;
  /** Of those, from one address. */
  readonly handshakesPerAddress: number;
  /** A client that is waited for so long, in its handshake or for a call, makes room where there is none left. */
  readonly patienceMs: number;
  /** Open connections, with handshakes. */
  readonly connections: number;
  /** Of those, from one address; clusters hide many clients behind one. */
  readonly connectionsPerAddress: number;
}

/** The time is that of later Coordinators. */
export const DEFAULT_ATLS_LIMITS: AtlsLimits = {
  handshakeTimeoutMs: 25_000,
  issuing: 64,
  handshakes: 2048,
  handshakesPerAddress: 1536,
  patienceMs: 500,
  connections: 8192,
  connectionsPerAddress: 6144,
};
