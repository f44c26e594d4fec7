/** Kinds that the server knows, by the path of their group and version. */
const RESOURCES: Readonly<Record<string, readonly (readonly [plural: string, kind: string])[]>> = {
  "/api/v1": [
    ["configmaps", "ConfigMap"],
    ["pods", "Pod"],
  ],
  "/apis/batch/v1": [["jobs", "Job"]],
};

/**
 * An API server that keeps objects and does nothing with them, for clients such as Helm. What comes as protobuf, such as
 * Helm's records of releases, goes back as it is.
 */
export interface KubernetesApi {
  readonly url: string;
  /** Objects that clients have created, as they sent them. */
  created(kind: string): readonly unknown[];
  stop(): Promise<void>;
}

/** Starts a server on a free port of the loopback interface. */
export function startKubernetesApi(): KubernetesApi {
  const objects = new Map<string, Record<string, unknown>>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (request.method === "GET") return Response.json(...described(pathname, objects));
      const type = request.headers.get("content-type") ?? "";
      if (type.includes("protobuf")) return new Response(await request.bytes(), { headers: { "content-type": type } });
      const body = (await request.json()) as { metadata: { name: string } };
      const path = request.method === "POST" ? `${pathname}/${body.metadata.name}` : pathname;
      const kept = { ...objects.get(path), ...body };
      objects.set(path, kept);
      return Response.json(kept, { status: request.method === "POST" ? 201 : 200 });
    },
  });
  return {
    url: server.url.origin,
    created: (kind) => [...objects.values()].filter((object) => object["kind"] === kind),
    stop: async () => await server.stop(true),
  };
}

function described(path: string, objects: ReadonlyMap<string, unknown>): [unknown, ResponseInit?] {
  const groups = Object.keys(RESOURCES).flatMap((each) =>
    each.startsWith("/apis/") ? [each.slice("/apis/".length)] : [],
  );
  if (path === "/version") return [{ major: "1", minor: "33", gitVersion: "v1.33.0" }];
  if (path === "/api") return [{ kind: "APIVersions", versions: ["v1"] }];
  if (path === "/apis") return [{ kind: "APIGroupList", apiVersion: "v1", groups: groups.map(groupOf) }];
  const resources = RESOURCES[path]?.map(([name, kind]) => {
    return {
      name,
      kind,
      singularName: kind.toLowerCase(),
      namespaced: true,
      verbs: ["create", "get", "list", "patch", "update"],
    };
  });
  if (resources !== undefined) {
    return [{ kind: "APIResourceList", groupVersion: path.replace(/^\/apis?\//, ""), resources }];
  }
  const found = objects.get(path);
  if (found !== undefined) return [found];
  if (path.endsWith("/secrets")) return [{ kind: "SecretList", apiVersion: "v1", metadata: {}, items: [] }];
  return [{ kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 }, { status: 404 }];
}

function groupOf(groupVersion: string): object {
  const [name = "", version = ""] = groupVersion.split("/");
  return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
}
