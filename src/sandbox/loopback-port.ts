import { connect, createServer, type Server } from "node:net";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { listen } from "../lib/listen.ts";
import { sleep } from "../lib/sleep.ts";

/** The only address that anything of a sandbox listens on. */
export const LOOPBACK = "127.0.0.1";

const RETRY_MS = 20;

/** A port that a process which is started next is to have. */
export interface WantedPort {
  /** 0 for any that is free. */
  readonly port: number;
  /** What it is for, such as `user API`. */
  readonly use: string;
  /** With which the user chooses another. */
  readonly flag: string;
}

/**
 * Takes ports for a moment, to find out whether they can be had.
 *
 * @returns their numbers in the same order, all different
 * @throws ContrastError `sandbox/port-in-use`
 */
export async function reservePorts<const T extends readonly WantedPort[]>(
  wanted: T,
): Promise<{ readonly [Index in keyof T]: number }>;
export async function reservePorts(wanted: readonly WantedPort[]): Promise<readonly number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  try {
    for (const one of wanted) {
      const server = createServer();
      servers.push(server);
      ports.push(await take(server, one));
    }
    return ports;
  } finally {
    for (const server of servers) await closed(server);
  }
}

async function take(server: Server, { port, use, flag }: WantedPort): Promise<number> {
  try {
    return await listen(server, { host: LOOPBACK, port });
  } catch (error) {
    const message = `Cannot listen on ${LOOPBACK}:${port} for the ${use}: ${messageOf(error)}`;
    throw new ContrastError("sandbox/port-in-use", message, {
      cause: error,
      hint: `End the program that uses the port, such as a sandbox of another directory, or choose another with ${flag}; 0 takes any that is free.`,
      details: { port },
    });
  }
}

function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  return promise;
}

/**
 * Waits until something accepts connections on a port.
 *
 * @throws the signal's reason
 */
export async function waitForPort(port: number, signal: AbortSignal): Promise<void> {
  while (!(await answers(port))) await sleep(RETRY_MS, signal);
}

/** Whether something accepts connections on a port. */
function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: LOOPBACK, port });
  const settle = (value: boolean): void => {
    socket.destroy();
    resolve(value);
  };
  socket.on("connect", () => settle(true)).on("error", () => settle(false));
  return promise;
}
