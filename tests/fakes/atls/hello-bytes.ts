/** Parts of a ClientHello; what is left out is as clients send it. */
export interface HelloParts {
  readonly sessionId?: Uint8Array;
  readonly suites?: Uint8Array;
  readonly compression?: Uint8Array;
  /** Undefined: the message ends before its extensions. */
  readonly extensions?: readonly (readonly [type: number, value: Uint8Array])[] | undefined;
}

/** The body of a ClientHello. */
export function helloBody(parts: HelloParts = {}): Buffer {
  const { sessionId = Buffer.alloc(32, 1), suites = Buffer.of(0x13, 0x01), compression = Buffer.of(0) } = parts;
  const head = [Buffer.of(3, 3), Buffer.alloc(32, 7), vector(1, sessionId), vector(2, suites), vector(1, compression)];
  if ("extensions" in parts && parts.extensions === undefined) return Buffer.concat(head);
  const extensions = parts.extensions ?? [serverName("c2VydmVy"), alpn("h2")];
  const written = extensions.map(([type, value]) => Buffer.concat([number(2, type), vector(2, value)]));
  return Buffer.concat([...head, vector(2, Buffer.concat(written))]);
}

/** The server_name extension. */
export function serverName(name: string): readonly [number, Buffer] {
  return [0, vector(2, Buffer.concat([Buffer.of(0), vector(2, Buffer.from(name, "latin1"))]))];
}

/** The ALPN extension. */
export function alpn(...names: readonly string[]): readonly [number, Buffer] {
  return [16, vector(2, Buffer.concat(names.map((name) => vector(1, Buffer.from(name, "latin1")))))];
}

/** The record of a ClientHello that a server of TLS 1.2 answers. */
export function answerableHello(name: string): Buffer {
  const extensions = [
    serverName(name),
    alpn("h2"),
    [10, vector(2, Buffer.of(0, 0x1d, 0, 0x17))],
    [11, vector(1, Buffer.of(0))],
    [13, vector(2, Buffer.of(4, 3))],
  ] as const;
  return tlsRecord(handshakeMessage(helloBody({ suites: Buffer.of(0xc0, 0x2b), extensions })));
}

/** A handshake message, a ClientHello unless told otherwise. */
export function handshakeMessage(body: Uint8Array, type = 1): Buffer {
  return Buffer.concat([Buffer.of(type), number(3, body.length), body]);
}

/** One record. */
export function tlsRecord(content: Uint8Array, type = 22, major = 3): Buffer {
  return Buffer.concat([Buffer.of(type, major, 1), vector(2, content)]);
}

/** A length of `size` bytes and the content. */
export function vector(size: 1 | 2 | 3, content: Uint8Array): Buffer {
  return Buffer.concat([number(size, content.length), content]);
}

function number(size: number, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}
