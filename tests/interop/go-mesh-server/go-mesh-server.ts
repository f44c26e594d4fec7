import { type Endpoint, parseEndpoint } from "../../../src/attestation/atls/endpoint.ts";
import { goPeer } from "../../fakes/go-peer.ts";

/** A running mesh API in Go. */
export interface GoMeshServer {
  readonly endpoint: Endpoint;
  /** What became of its clients so far: `policy`, `suite` and `tls` of those with good evidence, else `refused`. */
  readonly events: () => readonly Readonly<Record<string, string>>[];
  readonly stop: () => void;
}

/** How one is started. */
export interface GoMeshServerOptions {
  /** PEM file of the vendor's certificates. */
  readonly roots: string;
  /** Serves what the vendors serve. */
  readonly mirror: string;
  /** Policy hashes of its manifest. */
  readonly policies: readonly string[];
  /** Newest version of TLS: "1.2" or "1.3". */
  readonly tls?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts one. */
export async function startMeshServer(options: GoMeshServerOptions): Promise<GoMeshServer> {
  const { roots, mirror, policies, tls = "1.3", env = {} } = options;
  const flags = ["-roots", roots, "-mirror", mirror, "-policies", policies.join(","), "-tls", tls];
  const child = Bun.spawn([goPeer(import.meta.dir), ...flags], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { promise: started, resolve, reject } = Promise.withResolvers<string>();
  const events: Record<string, string>[] = [];
  const read = async (): Promise<void> => {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("{")) events.push(JSON.parse(line));
        else resolve(line);
      }
    }
    reject(new Error("the mesh API in Go ended"));
  };
  void read();
  return { endpoint: parseEndpoint(await started), events: () => events, stop: () => child.kill() };
}
