import { afterAll, beforeAll } from "bun:test";
import { goPeer } from "../../fakes/go-peer.ts";

/** Whom a command talks to, and how; see `channel.go`. */
export interface Peer {
  readonly address: string;
  /** Opened when it is used first, and kept; else each command has one of its own. */
  readonly channel?: string;
  /** Name of a key; a fresh one where it is left out, no certificate for `none`. */
  readonly key?: string;
  /** `sni` where it is left out. */
  readonly nonce?: "sni" | "alpn" | "none" | "bad";
  readonly tls?: "1.2";
  /** Name of what judges the server's evidence. */
  readonly trust?: string;
  /** Whether the client first offers a key exchange that the server does not have. */
  readonly retry?: boolean;
}

/** A request; bytes are base64. */
export interface Request {
  readonly manifest?: string;
  readonly policies?: readonly string[];
  readonly seed?: string;
  readonly salt?: string;
  /** Hash of the transition that the manifest shall follow. */
  readonly previous?: string;
  /** Name of the key that signs the next transition. */
  readonly signedBy?: string;
}

/** A call of the user API; see `calls.go`. */
export interface Call extends Peer {
  /** The current name where it is left out. */
  readonly service?: string;
  readonly method: string;
  readonly request?: Request;
  /** Sent in place of the request. */
  readonly raw?: string;
  readonly extraBytes?: number;
  readonly timeoutMs?: number;
  readonly gzip?: boolean;
}

/** What a call came to; bytes are base64. */
export interface CallAnswer {
  /** As Go names it. */
  readonly code: string;
  readonly message: string;
  readonly details: number;
  readonly response: {
    readonly rootCa?: string;
    readonly meshCa?: string;
    readonly seedShares?: readonly { readonly publicKey: string; readonly encryptedSeed: string }[];
    readonly salt?: string;
    readonly manifests?: readonly string[];
    readonly policies?: readonly string[];
    readonly transition?: string;
  };
}

/** How a workload asks for its certificate; see `mesh.go`, `evidence.go`. */
export interface MeshCall {
  readonly address: string;
  readonly evidence: {
    readonly program: string;
    readonly guest: string;
    readonly tee: "snp" | "tdx";
    readonly fault?: "wrong-nonce" | "other-key" | "garbage" | "no-extension" | "no-certificate";
  };
  readonly keyKind?: string;
  readonly tls?: "1.2";
  readonly raw?: string;
  /** Opened when it is used first, and kept with its key; else each call has one of its own. */
  readonly channel?: string;
  /** What the certificate is kept as. */
  readonly name: string;
}

/** What it got. */
export interface MeshAnswer {
  readonly code: string;
  readonly message: string;
  readonly meshCa: string;
  readonly rootCa: string;
  readonly workloadSecret: string | null;
}

/** The running client. Commands that are given at once are done at once. */
export interface GoClient {
  ask<T>(name: string, members: object): Promise<T>;
  call(call: Call): Promise<CallAnswer>;
  mesh(call: MeshCall): Promise<MeshAnswer>;
}

/**
 * Builds the program before the tests of a file and ends it after them; to be called where tests are described.
 *
 * @returns what gives the running program to tests
 */
export function useGoClient(): () => GoClient {
  let client: GoClient | undefined;
  let child: GoProcess | undefined;
  beforeAll(() => {
    child = Bun.spawn([goPeer(import.meta.dir)], { stdin: "pipe", stdout: "pipe", stderr: "ignore" });
    client = createGoClient(child);
    // The first build on a machine compiles Go's standard library too.
  }, 300_000);
  afterAll(() => child?.kill());
  return () => {
    if (client === undefined) throw new Error("the client in Go was not started");
    return client;
  };
}

type GoProcess = Bun.Subprocess<"pipe", "pipe", "ignore">;

function createGoClient(child: GoProcess): GoClient {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  void readAnswers(child.stdout, waiting);
  let last = 0;
  const ask = async <T>(name: string, members: object): Promise<T> => {
    const id = ++last;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    await child.stdin.write(`${JSON.stringify({ ...members, id, do: name })}\n`);
    await child.stdin.flush();
    return (await answer.promise) as T;
  };
  return {
    ask,
    call: async (call) => await ask("call", call),
    mesh: async (call) => await ask("mesh", call),
  };
}

/** Libraries write lines of their own between the answers. */
async function readAnswers(stream: ReadableStream<Uint8Array>, waiting: Map<number, PromiseWithResolvers<unknown>>) {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter((text) => text.startsWith("{"))) {
      const answer: { readonly id: number; readonly failure?: string } = JSON.parse(line);
      const { resolve, reject } = waiting.get(answer.id)!;
      waiting.delete(answer.id);
      if (answer.failure === undefined) resolve(answer);
      else reject(new Error(`the client in Go: ${answer.failure}`));
    }
  }
  for (const { reject } of waiting.values()) reject(new Error("the client in Go ended"));
}
