import { connect, type TLSSocket } from "node:tls";
import { encodeBase64 } from "../../src/lib/base64.ts";
import { createNonce } from "../../src/attestation/atls/nonce.ts";

/** HTTP/2 written by hand, for what no client library does. */
export interface RawHttp2 {
  readonly socket: TLSSocket;
  /** Sends frames. */
  readonly send: (...frames: readonly Buffer[]) => void;
  /** The next frame of this type that the server sent, or sends. */
  readonly frame: (type: number) => Promise<RawFrame>;
  readonly frames: readonly RawFrame[];
  /** Resolves when the server has ended the connection. */
  readonly closed: Promise<void>;
}

export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;

/** Connects to a server that asks for no evidence of clients, and begins HTTP/2. */
export async function openRawHttp2(port: number): Promise<RawHttp2> {
  const socket = connect({
    host: "127.0.0.1",
    port,
    servername: encodeBase64(createNonce()),
    ALPNProtocols: ["h2"],
    rejectUnauthorized: false,
  });
  const frames: RawFrame[] = [];
  const waiting: { type: number; taken: number; resolve: (frame: RawFrame) => void }[] = [];
  const taken = new Set<RawFrame>();
  const settle = (): void => {
    for (const waiter of waiting.slice()) {
      const frame = frames.find((frame) => frame.type === waiter.type && !taken.has(frame));
      if (frame === undefined) continue;
      taken.add(frame);
      waiting.splice(waiting.indexOf(waiter), 1);
      waiter.resolve(frame);
    }
  };
  let bytes = Buffer.alloc(0);
  socket.on("data", (piece: Buffer) => {
    bytes = Buffer.concat([bytes, piece]);
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const end = 9 + bytes.readUIntBE(0, 3);
      const [type = 0, flags = 0] = bytes.subarray(3);
      frames.push({ type, flags, stream: bytes.readUInt32BE(5), payload: bytes.subarray(9, end) });
      bytes = bytes.subarray(end);
    }
    settle();
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), rawFrame(FRAME.settings, 0, 0)]));
  return {
    socket,
    frames,
    closed,
    send: (...frames) => void socket.write(Buffer.concat(frames)),
    frame: (type) =>
      new Promise((resolve) => {
        waiting.push({ type, taken: 0, resolve });
        settle();
      }),
  };
}

/** One frame. */
export function rawFrame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The head of a gRPC call, with literal header fields. */
export function callHead(
  stream: number,
  path: string,
  extra: Readonly<Record<string, string>> = {},
  flags = 0,
): Buffer {
  const fields = {
    ":method": "POST",
    ":scheme": "https",
    ":path": path,
    ":authority": "coordinator",
    "content-type": "application/grpc",
    te: "trailers",
    ...extra,
  };
  const block = Object.entries(fields).map(([name, value]) => Buffer.concat([Buffer.of(0), text(name), text(value)]));
  return rawFrame(FRAME.headers, END_HEADERS | flags, stream, Buffer.concat(block));
}

/** The body of a call with one empty message. */
export function emptyMessage(stream: number): Buffer {
  return rawFrame(FRAME.data, END_STREAM, stream, Buffer.alloc(5));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length: number[] = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}
