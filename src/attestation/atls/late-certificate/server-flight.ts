import { ContrastError } from "../../../lib/errors.ts";
import { parseCertificateRequest } from "./certificate-request.ts";
import { type HandshakeMessage, HandshakeMessageReader, MESSAGE_TYPE } from "./handshake-message.ts";
import { parseServerHello } from "./server-hello.ts";
import { encodeRecord, RECORD_TYPE, type TlsRecord, TlsRecordReader } from "./tls-record.ts";
import { TrafficKeys } from "./traffic-keys.ts";

/** Evidence with all its certificates takes some tens of KiB. */
const MAX_HELD_BYTES = 256 * 1024;

/**
 * How far the server is: before its ServerHello, behind it with messages in the clear (TLS 1.2) or encrypted (TLS 1.3),
 * has asked for a certificate, or gave up with an alert.
 */
type Phase = "hello" | "clear" | "encrypted" | "asked" | "over";

/**
 * Reads what a server sends until it is known which authorities it accepts, and holds back what the TLS stack may not see
 * before its certificate is chosen: in TLS 1.2 everything, in TLS 1.3 everything that is encrypted. Pure: bytes go in,
 * bytes that may pass come out.
 *
 * @see RFC 8446 section 2, RFC 5246 section 7.3
 */
export class ServerFlight {
  readonly #records = new TlsRecordReader();
  #messages = new HandshakeMessageReader();
  #phase: Phase = "hello";
  #cipherSuite = 0;
  #keys: TrafficKeys | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Those held records of TLS 1.3 that could not be opened, because the secret was not known. */
  #unopened: TlsRecord[] = [];
  #authorities: readonly Uint8Array[] = [];

  /** What the server accepts, as soon as it has asked for a certificate: DER of each authority. */
  get authorities(): readonly Uint8Array[] | undefined {
    return this.#phase === "asked" ? this.#authorities : undefined;
  }

  /** The cipher suite, as soon as it is known that messages are encrypted. */
  get encryptedWith(): number | undefined {
    return this.#cipherSuite === 0 ? undefined : this.#cipherSuite;
  }

  /** Whether nothing can be read until `useSecret` is called. */
  get isWaitingForSecret(): boolean {
    return this.#unopened.length > 0;
  }

  /** Whether the server gave up; the TLS stack has seen everything, and is to explain it. */
  get isOver(): boolean {
    return this.#phase === "over";
  }

  /**
   * Takes bytes of the server.
   *
   * @returns what the TLS stack may see now
   * @throws ContrastError `atls/not-tls`, `atls/handshake-invalid`, `atls/no-certificate-request`
   */
  receive(bytes: Uint8Array): readonly Uint8Array[] {
    const passed = this.#records.push(bytes).flatMap((record) => this.#take(record));
    if (this.#heldBytes + this.#records.rest.length > MAX_HELD_BYTES) {
      throw invalid(`it sends more than ${MAX_HELD_BYTES} bytes before the client has answered`);
    }
    return this.isOver ? [...passed, ...this.release()] : passed;
  }

  /**
   * Gives the server's handshake traffic secret of TLS 1.3.
   *
   * @returns what the TLS stack may see now
   * @throws ContrastError `atls/handshake-invalid`, `atls/no-certificate-request`
   */
  useSecret(secret: Uint8Array): readonly Uint8Array[] {
    if (this.#keys !== undefined || this.#cipherSuite === 0) return [];
    this.#keys = new TrafficKeys(this.#cipherSuite, secret);
    for (const record of this.#unopened.splice(0)) this.#open(record, this.#keys);
    return this.isOver ? this.release() : [];
  }

  /** Everything that is held back; behind it, bytes pass as they come. */
  release(): readonly Uint8Array[] {
    const held = [...this.#held.splice(0), this.#records.rest];
    return held.filter(({ length }) => length > 0);
  }

  #take(record: TlsRecord): readonly Uint8Array[] {
    const bytes = encodeRecord(record);
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#phase === "asked" || this.isOver) return [];
    if (record.type === RECORD_TYPE.alert) {
      this.#phase = "over";
      return [];
    }
    return this.#phase === "encrypted" ? this.#takeEncrypted(record) : this.#takeClear(record);
  }

  #takeClear({ type, body }: TlsRecord): readonly Uint8Array[] {
    // Servers send it behind a HelloRetryRequest too, for the sake of boxes in between; it says nothing.
    if (type === RECORD_TYPE.changeCipherSpec && this.#phase === "hello") return this.#passHeld();
    if (type !== RECORD_TYPE.handshake) throw this.#phase === "hello" ? invalid("it sends no ServerHello") : notAsked();
    const messages = this.#messages.push(body);
    for (const [index, message] of messages.entries()) {
      if (this.#phase !== "hello") {
        this.#readMessage(message, "1.2");
        continue;
      }
      const isLast = index === messages.length - 1 && !this.#messages.isInsideMessage;
      if (this.#readHello(message, isLast)) return this.#passHeld();
    }
    return [];
  }

  /** Whether the TLS stack has to see the ServerHello before anything else can be read. */
  #readHello({ type, body }: HandshakeMessage, isLast: boolean): boolean {
    if (type !== MESSAGE_TYPE.serverHello) throw invalid(`its first message is of type ${type}, not a ServerHello`);
    const { version, cipherSuite, isRetryRequest } = parseServerHello(body);
    if (version === "1.2") {
      this.#phase = "clear";
      return false;
    }
    if (!isLast) throw invalid("messages in the clear stand behind the ServerHello");
    this.#messages = new HandshakeMessageReader();
    if (!isRetryRequest) {
      this.#phase = "encrypted";
      this.#cipherSuite = cipherSuite;
    }
    return true;
  }

  #takeEncrypted(record: TlsRecord): readonly Uint8Array[] {
    if (record.type === RECORD_TYPE.changeCipherSpec) return this.#held.length === 1 ? this.#passHeld() : [];
    if (record.type !== RECORD_TYPE.applicationData)
      throw invalid("messages in the clear stand behind the ServerHello");
    if (this.#keys === undefined) this.#unopened.push(record);
    else this.#open(record, this.#keys);
    return [];
  }

  #open(record: TlsRecord, keys: TrafficKeys): void {
    if (this.#phase !== "encrypted") return;
    const { type, content } = keys.open(record);
    if (type === RECORD_TYPE.alert) this.#phase = "over";
    else for (const message of this.#messages.push(content)) this.#readMessage(message, "1.3");
  }

  #readMessage({ type, body }: HandshakeMessage, version: "1.2" | "1.3"): void {
    if (this.#phase === "asked") return;
    if (type === MESSAGE_TYPE.certificateRequest) {
      this.#authorities = parseCertificateRequest(body, version);
      this.#phase = "asked";
    } else if (!BEFORE_REQUEST[version].includes(type)) throw notAsked();
  }

  #passHeld(): readonly Uint8Array[] {
    this.#heldBytes = 0;
    return this.#held.splice(0);
  }
}

/** What may stand between ServerHello and CertificateRequest. */
const BEFORE_REQUEST: Readonly<Record<"1.2" | "1.3", readonly number[]>> = {
  "1.2": [MESSAGE_TYPE.certificate, MESSAGE_TYPE.certificateStatus, MESSAGE_TYPE.serverKeyExchange],
  "1.3": [MESSAGE_TYPE.encryptedExtensions],
};

function invalid(fact: string): ContrastError {
  return new ContrastError("atls/handshake-invalid", `Cannot read what the peer sends: ${fact}`);
}

function notAsked(): ContrastError {
  return new ContrastError("atls/no-certificate-request", "The server does not ask for a certificate", {
    hint: "Check that the address is that of the Coordinator's mesh API, normally port 7777.",
  });
}
