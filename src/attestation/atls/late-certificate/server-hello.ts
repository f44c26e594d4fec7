import { sameBytes } from "../../../lib/same-bytes.ts";
import { TlsReader } from "../tls-reader.ts";

/** What a ServerHello decides about the messages behind it. */
export interface ServerHello {
  readonly version: "1.2" | "1.3";
  /** Number of the cipher suite, such as 0x1301. */
  readonly cipherSuite: number;
  /** Whether the server wants another ClientHello; its ServerHello comes later. */
  readonly isRetryRequest: boolean;
}

const WHAT = "ServerHello";
const RANDOM_BYTES = 32;
const SUPPORTED_VERSIONS = 43;
const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;
/** SHA-256 of `HelloRetryRequest`, in place of random bytes. */
const RETRY_RANDOM = Uint8Array.fromHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");

/**
 * Reads a ServerHello as far as the messages behind it depend on it.
 *
 * @param body of the handshake message
 * @throws ContrastError `atls/handshake-invalid`, also for versions before TLS 1.2
 * @see RFC 8446 sections 4.1.3 and 4.2.1, RFC 5246 section 7.4.1.3
 */
export function parseServerHello(body: Uint8Array): ServerHello {
  const reader = new TlsReader(body, WHAT);
  const legacyVersion = reader.number(2);
  const random = reader.bytes(RANDOM_BYTES);
  reader.vector(1); // session
  const cipherSuite = reader.number(2);
  reader.bytes(1); // compression
  const extensions = reader.isEmpty ? new Uint8Array() : reader.vector(2);
  reader.end();
  const selected = selectedVersion(extensions) ?? legacyVersion;
  if (selected !== TLS_1_2 && selected !== TLS_1_3) throw reader.invalid(`version 0x${selected.toString(16)}`);
  const isRetryRequest = sameBytes(random, RETRY_RANDOM);
  return { version: selected === TLS_1_3 ? "1.3" : "1.2", cipherSuite, isRetryRequest };
}

function selectedVersion(extensions: Uint8Array): number | undefined {
  const reader = new TlsReader(extensions, WHAT);
  let version: number | undefined;
  while (!reader.isEmpty) {
    const type = reader.number(2);
    const value = new TlsReader(reader.vector(2), WHAT);
    if (type !== SUPPORTED_VERSIONS) continue;
    if (version !== undefined) throw reader.invalid("its version stands in it twice");
    version = value.number(2);
    value.end();
  }
  return version;
}
