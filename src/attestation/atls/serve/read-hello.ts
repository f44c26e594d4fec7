import type { Socket } from "node:net";
import type { ClientHello } from "./client-hello.ts";
import { HelloReader } from "./hello-reader.ts";
import { clientClosed } from "./client-failure.ts";

/**
 * Reads the ClientHello from the front of a connection, and puts its bytes back for TLS. Nothing is read beyond it; the
 * socket stays paused.
 *
 * @throws ContrastError `atls/hello-invalid`, `atls/client-closed`
 */
export function readHello(socket: Socket): Promise<ClientHello> {
  const reader = new HelloReader();
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void): void => {
      socket.pause();
      socket.off("data", onData).off("end", onEnd).off("close", onEnd);
      settled();
    };
    const onData = (piece: Buffer): void => {
      try {
        const hello = reader.push(piece);
        if (hello === undefined) return;
        settle(() => {
          socket.unshift(reader.bytes);
          resolve(hello);
        });
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const onEnd = (): void => settle(() => reject(clientClosed()));
    socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  });
}
