import { connect, createServer, type Socket } from "node:net";

/** What a proxy does instead of passing more bytes on. */
export type ProxyTrouble = "stall" | "reset" | "close" | "garbage";

/** A proxy on loopback. */
export interface TroubledProxy {
  readonly port: number;
  /** Bytes of the server that were passed on, over all connections. */
  readonly passedBytes: () => number;
  readonly close: () => Promise<void>;
}

/**
 * A TCP proxy that passes the first bytes of the server on and then makes trouble, whatever step of the protocol that is.
 *
 * @param afterBytes of the server, per connection
 */
export async function startTroubledProxy(
  port: number,
  trouble: ProxyTrouble,
  afterBytes: number,
): Promise<TroubledProxy> {
  const sockets = new Set<Socket>();
  let passedBytes = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: "127.0.0.1", port });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    client.on("data", (piece: Buffer) => upstream.write(piece));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.end());
    let left = afterBytes;
    const makeTrouble = (): void => {
      upstream.removeAllListeners("data").removeAllListeners("close").pause();
      if (trouble === "reset") client.resetAndDestroy();
      if (trouble === "close") client.end();
      if (trouble === "garbage") client.end(Buffer.alloc(400, 0x5a));
    };
    if (afterBytes === 0) makeTrouble();
    upstream.on("data", (piece: Buffer) => {
      client.write(piece.subarray(0, left));
      passedBytes += Math.min(left, piece.length);
      left -= Math.min(left, piece.length);
      if (left === 0) makeTrouble();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    passedBytes: () => passedBytes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
