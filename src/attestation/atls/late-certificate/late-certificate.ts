import { ContrastError } from "../../../lib/errors.ts";
import { serverNonceOf } from "./certificate-request.ts";
import type { ClientCertificate } from "../client-certificate.ts";
import type { HandshakeWatch } from "./handshake-filter.ts";
import { SentCertificate } from "./sent-certificate.ts";
import { ServerFlight } from "./server-flight.ts";
import { TrafficKeys } from "./traffic-keys.ts";

/** What happens outside of the handshake's bytes. */
export interface LateCertificateSteps {
  readonly certificateFor: (serverNonce: Uint8Array) => Promise<ClientCertificate>;
  /** Called once, before anything is released. */
  readonly setCertificate: (certificate: ClientCertificate) => void;
  /** Takes what the TLS stack may see, when that is not at once. */
  readonly release: (bytes: readonly Uint8Array[]) => void;
  readonly onFailure: (error: unknown) => void;
}

const KEY_LOG_LINE = /^(?<label>[A-Z0-9_]+) [0-9a-f]{64} (?<secret>[0-9a-f]{64,128})\s*$/;

/**
 * Gives a handshake its certificate when the server has named its nonce, and checks that it was sent.
 *
 * The secrets that it learns open nothing but the certificates and signatures of this handshake.
 */
export class LateCertificate implements HandshakeWatch {
  readonly #steps: LateCertificateSteps;
  readonly #flight = new ServerFlight();
  readonly #sent = new SentCertificate();
  #clientSecret: Uint8Array | undefined;
  #clientKeys: TrafficKeys | undefined;
  #certificateDer: Uint8Array | undefined;
  #state: "reading" | "making" | "released" = "reading";
  readonly #completion = Promise.withResolvers<void>();

  constructor(steps: LateCertificateSteps) {
    this.#steps = steps;
  }

  /** Resolves when the certificate was sent. */
  get completion(): Promise<void> {
    return this.#completion.promise;
  }

  /** @throws ContrastError what `ServerFlight` throws */
  onReceived(bytes: Uint8Array): readonly Uint8Array[] {
    if (this.#state === "released") return [bytes];
    const passed = this.#flight.receive(bytes);
    this.#advance();
    return passed;
  }

  /** @throws ContrastError `atls/late-certificate-unsupported`, `atls/handshake-invalid` */
  onSent(bytes: Uint8Array): void {
    if (this.#sent.certificateDer !== undefined) return;
    this.#sent.push(bytes, () => this.#keysOfClient());
    if (this.#sent.certificateDer === undefined) return;
    if (this.#certificateDer !== undefined && this.#sent.is(this.#certificateDer)) this.#completion.resolve();
    else throw unsupported("the TLS of this platform does not send the certificate that answers the server's nonce");
  }

  onFailure(error: unknown): void {
    this.#steps.onFailure(error);
  }

  /**
   * Takes a line of the platform's key log; only those about handshake traffic of TLS 1.3 are used.
   *
   * @see NSS key log format
   */
  useKeyLog(line: Uint8Array): void {
    const { label, secret } = KEY_LOG_LINE.exec(new TextDecoder("latin1").decode(line))?.groups ?? {};
    if (secret === undefined) return;
    if (label === "CLIENT_HANDSHAKE_TRAFFIC_SECRET") this.#clientSecret = Uint8Array.fromHex(secret);
    if (label !== "SERVER_HANDSHAKE_TRAFFIC_SECRET" || this.#state !== "reading") return;
    try {
      const passed = this.#flight.useSecret(Uint8Array.fromHex(secret));
      this.#advance();
      this.#steps.release(passed);
    } catch (error) {
      this.onFailure(error);
    }
  }

  /** What a handshake was waiting for when its time was over, if that was not the peer. */
  timeout(): ContrastError | undefined {
    if (this.#flight.isWaitingForSecret) return unsupported("the TLS of this platform does not tell its secrets");
    if (this.#state !== "making") return undefined;
    return new ContrastError("atls/timeout", "The evidence of this machine was not made in time", {
      hint: "Look for other programs that ask the hardware for evidence at the same time.",
    });
  }

  #advance(): void {
    const { authorities, isOver } = this.#flight;
    if (isOver) this.#state = "released";
    if (authorities === undefined || this.#state !== "reading") return;
    this.#state = "making";
    this.#answer(authorities).catch((error: unknown) => this.onFailure(error));
  }

  async #answer(authorities: readonly Uint8Array[]): Promise<void> {
    const certificate = await this.#steps.certificateFor(serverNonceOf(authorities));
    this.#certificateDer = certificate.certificateDer;
    this.#steps.setCertificate(certificate);
    this.#state = "released";
    this.#steps.release(this.#flight.release());
  }

  #keysOfClient(): TrafficKeys | undefined {
    const cipherSuite = this.#flight.encryptedWith;
    if (cipherSuite === undefined || this.#clientSecret === undefined) return undefined;
    this.#clientKeys ??= new TrafficKeys(cipherSuite, this.#clientSecret);
    return this.#clientKeys;
  }
}

function unsupported(fact: string): ContrastError {
  return new ContrastError("atls/late-certificate-unsupported", fact, {
    hint: "Use a released binary: it is built with a version of its runtime for which this is tested.",
  });
}
