import type { Server } from "node:net";

/** Where a server is to listen. */
export interface ListenTarget {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/**
 * Lets a server listen; also one of HTTP.
 *
 * @param onLaterError hears of what fails after that, such as a connection that cannot be accepted; the server goes on
 * @returns its port
 * @throws Error of the platform
 */
export function listen(
  server: Server,
  { host, port }: ListenTarget,
  onLaterError: (error: Error) => void = () => {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", reject);
      // Without a listener an error would end the program.
      server.on("error", onLaterError);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
