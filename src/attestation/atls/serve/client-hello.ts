import { ContrastError, messageOf } from "../../../lib/errors.ts";
import { latin1Text } from "../../../lib/latin1.ts";
import { TlsReader } from "../tls-reader.ts";

/** What a server reads of a ClientHello before TLS does. */
export interface ClientHello {
  /** One character for each byte; undefined where the client names no server. */
  readonly serverName: string | undefined;
  /** Names of ALPN in the order of the client's preference, one character for each byte. */
  readonly protocols: readonly string[];
}

const WHAT = "ClientHello";
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
  try {
    return parseBody(body);
  } catch (error) {
    if (error instanceof ContrastError && error.code === "atls/hello-invalid") throw error;
    throw new ContrastError("atls/hello-invalid", messageOf(error));
  }
}

function parseBody(body: Uint8Array): ClientHello {
  const reader = new TlsReader(body, WHAT);
  reader.bytes(2 + RANDOM_BYTES);
  if (reader.vector(1).length > MAX_SESSION_ID_BYTES) throw helloInvalid("its session id is too long");
  const suites = reader.vector(2);
  if (suites.length === 0 || suites.length % 2 !== 0) throw helloInvalid("its list of cipher suites is malformed");
  if (reader.vector(1).length === 0) throw helloInvalid("it has no compression method");
  if (reader.isEmpty) return { serverName: undefined, protocols: [] };
  const extensions = new TlsReader(reader.vector(2), WHAT);
  reader.end();
  const values = new Map<number, Uint8Array>();
  while (!extensions.isEmpty) {
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
  const whole = new TlsReader(value, WHAT);
  const list = new TlsReader(whole.vector(2), WHAT);
  whole.end();
  const type = list.number(1);
  const name = list.vector(2);
  list.end();
  if (type !== HOST_NAME || name.length === 0) throw helloInvalid("its server name is malformed");
  return latin1Text(name);
}

function parseProtocols(value: Uint8Array): readonly string[] {
  const whole = new TlsReader(value, WHAT);
  const list = new TlsReader(whole.vector(2), WHAT);
  whole.end();
  const protocols: string[] = [];
  while (!list.isEmpty) {
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
