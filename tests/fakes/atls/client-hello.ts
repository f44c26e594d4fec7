/** What an aTLS server reads of a ClientHello. */
export interface ClientHello {
  readonly serverName: string | undefined;
  readonly protocols: readonly string[];
}

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;

/**
 * Reads a ClientHello from the first bytes of a connection; it may be spread over several records.
 *
 * @returns undefined while bytes are missing
 * @throws Error for anything that is not a ClientHello
 */
export function parseClientHello(bytes: Buffer): ClientHello | undefined {
  const message: Buffer[] = [];
  let length = 0;
  for (let offset = 0; bytes.length - offset >= 5;) {
    if (bytes[offset] !== HANDSHAKE_RECORD) throw new Error("not a TLS handshake");
    const end = offset + 5 + bytes.readUInt16BE(offset + 3);
    if (bytes.length < end) return undefined;
    message.push(bytes.subarray(offset + 5, end));
    length += end - offset - 5;
    const whole = Buffer.concat(message);
    if (whole[0] !== CLIENT_HELLO) throw new Error("not a ClientHello");
    if (length >= 4 && length >= 4 + whole.readUIntBE(1, 3)) return parseBody(whole.subarray(4));
    offset = end;
  }
  return undefined;
}

function parseBody(body: Buffer): ClientHello {
  let offset = 34;
  offset += 1 + body.readUInt8(offset); // session id
  offset += 2 + body.readUInt16BE(offset); // cipher suites
  offset += 1 + body.readUInt8(offset); // compression methods
  const end = offset + 2 + body.readUInt16BE(offset);
  let serverName: string | undefined;
  const protocols: string[] = [];
  for (offset += 2; offset < end;) {
    const type = body.readUInt16BE(offset);
    const value = body.subarray(offset + 4, offset + 4 + body.readUInt16BE(offset + 2));
    if (type === 0) serverName = value.subarray(5, 5 + value.readUInt16BE(3)).toString("latin1");
    if (type === 16) {
      for (let at = 2; at < value.length; at += 1 + value.readUInt8(at)) {
        protocols.push(value.subarray(at + 1, at + 1 + value.readUInt8(at)).toString("latin1"));
      }
    }
    offset += 4 + value.length;
  }
  return { serverName, protocols };
}

/** The nonce as newer servers look for it (ALPN), else as Contrast 1.4 does (server name); empty without either. */
export function nonceOf({ serverName, protocols }: ClientHello): Buffer {
  const prefix = "atls:v1:nonce:";
  const protocol = protocols.find((name) => name.startsWith(prefix));
  return protocol === undefined
    ? Buffer.from(serverName ?? "", "base64")
    : Buffer.from(protocol.slice(prefix.length), "hex");
}
