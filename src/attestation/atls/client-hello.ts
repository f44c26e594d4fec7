import { ContrastError } from "../../lib/errors.ts";
import { latin1Text } from "../../lib/latin1.ts";

/** What a server reads of a ClientHello before TLS does. */
export interface ClientHello {
  /** One character for each byte; undefined where the client names no server. */
  readonly serverName: string | undefined;
  /** Names of ALPN in the order of the client's preference, one character for each byte. */
  readonly protocols: readonly string[];
}

const RANDOM_BYTES = 32;
const MAX_SESSION_ID_BYTES = 32;
const SERVER_NAME = 0;
const ALPN = 16;
const HOST_NAME = 0;

/**
 * Reads the body of a ClientHello:
 *
 *     version (2), random (32), session id (1-byte length), cipher suites (2), compression methods (1),
 *     extensions (2): each type (2), value (2-byte length)
 *
 * Every length must fit exactly what is in it, and no extension may occur twice. Nothing but server name and protocols is
 * interpreted; TLS reads the same bytes again.
 *
 * @param body what follows the four bytes before a handshake message
 * @throws ContrastError `atls/hello-invalid`
 * @see RFC 8446 section 4.1.2, RFC 6066 section 3, RFC 7301 section 3.1
 */
export function parseClientHello(body: Uint8Array): ClientHello {
  const reader = new LengthReader(body);
  reader.take(2 + RANDOM_BYTES);
  if (reader.vector(1).length > MAX_SESSION_ID_BYTES) throw helloInvalid("its session id is too long");
  const suites = reader.vector(2);
  if (suites.length === 0 || suites.length % 2 !== 0) throw helloInvalid("its list of cipher suites is malformed");
  if (reader.vector(1).length === 0) throw helloInvalid("it has no compression method");
  if (reader.isAtEnd) return { serverName: undefined, protocols: [] };
  const extensions = new LengthReader(reader.vector(2));
  reader.end();
  const values = new Map<number, Uint8Array>();
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    if (values.has(type)) throw helloInvalid(`it has the extension ${type} twice`);
    values.set(type, extensions.vector(2));
  }
  const [name, protocols] = [values.get(SERVER_NAME), values.get(ALPN)];
  return {
    serverName: name && parseServerName(name),
    protocols: protocols === undefined ? [] : parseProtocols(protocols),
  };
}

/** A list that has exactly one name, of the only type there is. */
function parseServerName(value: Uint8Array): string {
  const whole = new LengthReader(value);
  const list = new LengthReader(whole.vector(2));
  whole.end();
  const type = list.number(1);
  const name = list.vector(2);
  list.end();
  if (type !== HOST_NAME || name.length === 0) throw helloInvalid("its server name is malformed");
  return latin1Text(name);
}

function parseProtocols(value: Uint8Array): readonly string[] {
  const whole = new LengthReader(value);
  const list = new LengthReader(whole.vector(2));
  whole.end();
  const protocols: string[] = [];
  while (!list.isAtEnd) {
    const name = list.vector(1);
    if (name.length === 0) throw helloInvalid("it offers a protocol without a name");
    protocols.push(latin1Text(name));
  }
  if (protocols.length === 0) throw helloInvalid("its list of protocols is empty");
  return protocols;
}

/** The error of bytes that are no ClientHello. */
export function helloInvalid(fact: string): ContrastError {
  return new ContrastError("atls/hello-invalid", `Cannot read the ClientHello: ${fact}`);
}

/** Takes fields from the front of bytes and never reads past their end. */
class LengthReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw helloInvalid("a length in it is larger than what follows");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** An unsigned number of 1 or 2 bytes, big endian. */
  number(size: 1 | 2): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** Bytes behind a length of `size` bytes. */
  vector(size: 1 | 2): Uint8Array {
    return this.take(this.number(size));
  }

  end(): void {
    if (!this.isAtEnd) throw helloInvalid("bytes are left over in it");
  }
}
