import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type BuiltImage, digestOf } from "../../scripts/lib/image-builder.ts";

/** How the registry wants to know who asks. */
interface RegistryAuth {
  readonly kind: "basic" | "token";
  readonly username: string;
  readonly password: string;
  /** Accepted as a refresh token by the token service. */
  readonly identityToken?: string;
}

/** One request that arrived. */
interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/** Answers in place of the registry; returns false to let it answer itself. */
type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface FakeRegistryOptions {
  readonly auth?: RegistryAuth;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A registry on loopback that follows the distribution protocol, and lies where a test tells it to. */
export interface FakeRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly url: string;
  readonly requests: RecordedRequest[];
  /** Paths of the requests for manifests and blobs, without their common start. */
  paths(): string[];
  push(repository: string, tag: string, image: BuiltImage): void;
  /** Replaces the answer of one blob or manifest by other bytes. */
  corrupt(digest: string, bytes: Uint8Array): void;
  intercept: Intercept;
  stop(): void;
}

interface Repository {
  readonly tags: Map<string, string>;
  readonly manifests: Map<string, { readonly bytes: Uint8Array; readonly mediaType: string }>;
  readonly blobs: Map<string, Uint8Array>;
}

/** Starts the registry on a free port. */
export async function startRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const repositories = new Map<string, Repository>();
  const corrupted = new Map<string, Uint8Array>();
  const tokens = new Set<string>();
  const requests: RecordedRequest[] = [];
  const { auth, tls } = options;

  const answerToken = (request: IncomingMessage, response: ServerResponse): void => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const isKnown =
        request.method === "POST"
          ? new URLSearchParams(body).get("refresh_token") === auth?.identityToken
          : request.headers.authorization === basic(auth);
      if (!isKnown) {
        response.writeHead(401).end("{}");
        return;
      }
      const token = `token-${tokens.size}`;
      tokens.add(token);
      const name = request.method === "POST" ? "access_token" : "token";
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ [name]: token }));
    });
  };

  const isAllowed = (request: IncomingMessage): boolean => {
    const { authorization } = request.headers;
    if (auth === undefined) return true;
    if (auth.kind === "basic") return authorization === basic(auth);
    return authorization?.startsWith("Bearer ") === true && tokens.has(authorization.slice("Bearer ".length));
  };

  const challenge = (): string =>
    auth?.kind === "token"
      ? `Bearer realm="${fake.url}/token",service="fake",scope="repository:x:pull"`
      : 'Basic realm="fake"';

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = new URL(request.url ?? "/", fake.url).pathname;
    const method = request.method ?? "";
    requests.push({ method, path, authorization: request.headers.authorization });
    if (fake.intercept(request, response)) return;
    if (path === "/token") return answerToken(request, response);
    if (!isAllowed(request)) {
      return void response.writeHead(401, { "www-authenticate": challenge() }).end("{}");
    }
    if (path === "/v2/") return void response.writeHead(200).end("{}");
    const match = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path);
    const repository = repositories.get(match?.[1] ?? "");
    const name = decodeURIComponent(match?.[3] ?? "");
    const digest = repository?.tags.get(name) ?? name;
    if (match?.[2] === "manifests") {
      const manifest = repository?.manifests.get(digest);
      if (manifest === undefined) return void response.writeHead(404).end("{}");
      const headers = { "content-type": manifest.mediaType, "docker-content-digest": digest };
      return void response.writeHead(200, headers).end(corrupted.get(digest) ?? manifest.bytes);
    }
    const blob = repository?.blobs.get(digest);
    if (blob === undefined) return void response.writeHead(404).end("{}");
    response.writeHead(200, { "content-type": "application/octet-stream" }).end(corrupted.get(digest) ?? blob);
  };

  const server = tls === undefined ? createServer(answer) : createTlsServer({ ...tls }, answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const fake: FakeRegistry = {
    host,
    url: `${tls === undefined ? "http" : "https"}://${host}`,
    requests,
    paths: () => requests.map(({ path }) => path.replace(/^\/v2\//, "")).filter((path) => path !== ""),
    push: (repository, tag, image) => {
      const known = repositories.get(repository) ?? { tags: new Map(), manifests: new Map(), blobs: new Map() };
      repositories.set(repository, known);
      for (const [digest, bytes] of image.blobs) {
        const mediaType = mediaTypeOf(bytes);
        if (mediaType === undefined) known.blobs.set(digest, bytes);
        else known.manifests.set(digest, { bytes, mediaType });
      }
      known.tags.set(tag, image.descriptor.digest);
    },
    corrupt: (digest, bytes) => void corrupted.set(digest, bytes),
    intercept: () => false,
    stop: () => void server.close(),
  };
  return fake;
}

/** A digest that no content has. */
export const ABSENT_DIGEST = digestOf(new TextEncoder().encode("nothing has this content"));

function basic(auth: RegistryAuth | undefined): string {
  return `Basic ${Buffer.from(`${auth?.username}:${auth?.password}`).toString("base64")}`;
}

/** Registries keep manifests and blobs apart; here the media type inside of the document tells. */
function mediaTypeOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  const document = JSON.parse(Buffer.from(bytes).toString()) as { mediaType?: string };
  return document.mediaType;
}

/** Writes pieces of 1 MiB until the client hangs up, and at least `sizeMiB` of them if it does not. */
export function endless(response: ServerResponse, sizeMiB: number): void {
  response.writeHead(200, { "content-type": "application/vnd.oci.image.manifest.v1+json" });
  let sent = 0;
  const more = (): void => {
    if (response.destroyed || sent > sizeMiB + 64) return void response.end();
    sent++;
    response.write(Buffer.alloc(1024 * 1024, "x"), more);
  };
  more();
}
