import type { Value } from "../../src/kubernetes/value.ts";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Program that `.ci/run` makes of `tests/interop/kubernetes/api-server`: API server, store and kubectl of one version. */
const PROGRAM = join(tmpdir(), "contrast-go-peers", "kubernetes-api-server");

/** What a test says it needs where the program is missing. */
export const KUBERNETES_PEER_NEED = `need "${PROGRAM}", as .ci/run builds it`;

/** Whether the program is there. */
export const hasKubernetesPeer = existsSync(PROGRAM);

/** What one call of kubectl did. */
interface KubectlResult {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A real API server on loopback, without nodes: it checks and completes objects, and nothing is started. */
export interface KubernetesCluster {
  readonly version: string;
  readonly kubectl: (words: readonly string[], input?: string) => KubectlResult;
  /** The object as the server has it. */
  readonly get: (...words: readonly string[]) => Value;
  readonly stop: () => Promise<void>;
}

/** @param directory for everything that the cluster keeps */
export async function startCluster(directory: string): Promise<KubernetesCluster> {
  const server = Bun.spawn([PROGRAM, "serve", directory], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: Bun.file(join(directory, "log")),
  });
  const stop = async (): Promise<void> => {
    void server.stdin.end();
    await server.exited;
  };
  const version = await readyVersion(server.stdout, directory);
  const kubectl = (words: readonly string[], input = ""): KubectlResult => {
    const { exitCode, stdout, stderr } = Bun.spawnSync(
      [PROGRAM, "kubectl", "--kubeconfig", join(directory, "kubeconfig"), ...words],
      { stdin: Buffer.from(input), env: { ...process.env, HOME: directory }, stderr: "pipe" },
    );
    return { status: exitCode, out: stdout.toString(), err: stderr.toString() };
  };
  return { version, kubectl, get: (...words) => JSON.parse(kubectl(["get", ...words, "-o", "json"]).out), stop };
}

async function readyVersion(stdout: ReadableStream<Uint8Array>, directory: string): Promise<string> {
  let text = "";
  for await (const chunk of stdout) {
    text += new TextDecoder().decode(chunk);
    const [, version] = /^ready (\S+)\n/m.exec(text) ?? [];
    if (version !== undefined) return version;
  }
  throw new Error(`the API server ended: ${(await Bun.file(join(directory, "log")).text()).slice(-2000)}`);
}
