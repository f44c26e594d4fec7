import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** A running docker-registry of the distribution. */
export interface RealRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Ends it; the port is free when the promise is fulfilled. */
  stop(): Promise<void>;
}

export interface RealRegistryOptions {
  /** Directory for its files; what an earlier registry stored there is served again. */
  readonly directory: string;
  /** `127.0.0.1:port` of an earlier registry that is stopped; a free port when absent. */
  readonly host?: string;
  readonly login?: { readonly username: string; readonly password: string };
  /** PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

const MAX_STARTUP_MS = 20_000;

/** Starts docker-registry on a free port of the loopback interface and waits until it answers. */
export async function startRealRegistry(options: RealRegistryOptions): Promise<RealRegistry> {
  const { directory, login, tls } = options;
  const host = options.host ?? `127.0.0.1:${await freePort()}`;
  const path = (name: string): string => join(directory, name);
  const lines = [
    "version: 0.1",
    "log: {level: error}",
    `storage: {filesystem: {rootdirectory: ${path("storage")}}}`,
    tls === undefined
      ? `http: {addr: "${host}"}`
      : `http: {addr: "${host}", tls: {certificate: ${tls.cert}, key: ${tls.key}}}`,
  ];
  if (login !== undefined) {
    const hash = Bun.password.hashSync(login.password, { algorithm: "bcrypt", cost: 4 });
    writeFileSync(path("htpasswd"), `${login.username}:${hash}\n`);
    lines.push(`auth: {htpasswd: {realm: test, path: ${path("htpasswd")}}}`);
  }
  writeFileSync(path("registry.yml"), `${lines.join("\n")}\n`);
  const child = spawn("docker-registry", ["serve", path("registry.yml")], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  const end = performance.now() + MAX_STARTUP_MS;
  const url = `${tls === undefined ? "http" : "https"}://${host}/v2/`;
  while (performance.now() < end) {
    const answer = await fetch(url, { tls: { rejectUnauthorized: false } }).catch(() => undefined);
    if (answer !== undefined) return { host, stop };
    await Bun.sleep(20);
  }
  await stop();
  throw new Error("docker-registry did not start");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
