import { getSystemErrorMap } from "node:util";
import { openCLibrary } from "./c-library.ts";
import { ContrastError } from "./errors.ts";

/** A program that takes the place of this one. */
export interface Replacement {
  /** Absolute path; `PATH` is not searched. */
  readonly path: string;
  /** Words behind the name. */
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const STANDARD_STREAMS = [0, 1, 2];
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const SIGPIPE = 13;
const SIGXFSZ = 25;
const DEFAULT_ACTION = 0n;
const IGNORE = 1n;

/**
 * Puts another program in the place of this one: same process, same standard streams, no cleaning up. What was written
 * must have reached the system before.
 *
 * @returns only where this system gives no access to `execve`
 * @throws ContrastError `lib/program-failed` where the program cannot be started
 * @see execve(2)
 */
export async function replaceProgram({ path, args, env }: Replacement): Promise<"unavailable"> {
  const { ptr, read } = await import("bun:ffi");
  const library = await openCLibrary({
    execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },
    fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
    signal: { args: ["i32", "usize"], returns: "ptr" },
    __errno_location: { args: [], returns: "ptr" },
  }).catch(() => undefined);
  if (library === undefined) return "unavailable";
  const { execve, fcntl, signal: setSignal, __errno_location: errnoLocation } = library;
  const encode = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);
  const listOf = (words: readonly Uint8Array[]): BigUint64Array =>
    BigUint64Array.from([...words.map((word) => BigInt(ptr(word))), 0n]);

  const pathBytes = encode(path);
  const words = [path, ...args].map(encode);
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [encode(`${name}=${value}`)],
  );
  const argv = listOf(words);
  const envp = listOf(variables);
  // The runtime writes without waiting; most programs would lose what a full pipe does not take.
  for (const stream of STANDARD_STREAMS) {
    const flags = fcntl(stream, F_GETFL, 0);
    if (flags >= 0) fcntl(stream, F_SETFL, flags & ~O_NONBLOCK);
  }
  // The runtime ignores these two, and a program that is started ignores what its starter ignored.
  for (const signal of [SIGPIPE, SIGXFSZ]) setSignal(signal, DEFAULT_ACTION);
  execve(ptr(pathBytes), ptr(argv), ptr(envp));
  const location = errnoLocation();
  const errno = location === null ? 0 : read.i32(location, 0);
  for (const signal of [SIGPIPE, SIGXFSZ]) setSignal(signal, IGNORE);
  const [, reason = `error ${errno}`] = getSystemErrorMap().get(-errno) ?? [];
  throw new ContrastError("lib/program-failed", `Cannot run "${path}": ${reason}`);
}
