import { describe, expect, test } from "bun:test";
import { streamOf } from "../../fakes/stream-of.ts";
import type { HttpClient, HttpRequest } from "../../../src/lib/http-client.ts";
import { createImageProvider } from "../../../src/oci/image-provider.ts";
import { endpointsOf, parseInsecureRegistries } from "../../../src/oci/registry/endpoint.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";
import { providerOptions } from "../../fakes/image-provider.ts";

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A network whose answers are decided by the address; it remembers the requests. */
function network(answer: (url: string) => Answer): HttpClient & { readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    request: (request) => {
      requests.push(request);
      const { status, headers, body } = answer(request.url.href);
      return Promise.resolve({
        status,
        headers: new Headers(headers),
        body: streamOf(new TextEncoder().encode(body ?? "")),
        discard: () => Promise.resolve(),
      });
    },
  };
}

function rejection(http: HttpClient, reference = "registry.example/app"): Promise<string> {
  return codeOfAsync(() => createImageProvider(providerOptions({ http })).image(reference));
}

describe("a registry that is not marked as insecure", () => {
  test("is asked over verified HTTPS only, Docker Hub at its server", async () => {
    const http = network(() => ({ status: 404 }));
    expect(await rejection(http, "nginx")).toBe("oci/image-not-found");
    expect(await rejection(http, "127.0.0.1:5000/app:v1")).toBe("oci/image-not-found");
    expect(http.requests.map(({ url, verifyTls }) => [url.href, verifyTls])).toEqual([
      ["https://registry-1.docker.io/v2/library/nginx/manifests/latest", true],
      ["https://127.0.0.1:5000/v2/app/manifests/v1", true],
    ]);
  });

  test("may not redirect to plain HTTP", async () => {
    const http = network(() => ({ status: 307, headers: { location: "http://storage.example/blob" } }));
    expect(await rejection(http)).toBe("oci/registry-answer-invalid");
    expect(http.requests.length).toBe(1);
  });

  test("may not send its clients to a token service on plain HTTP", async () => {
    const challenge = 'Bearer realm="http://auth.example/token"';
    const http = network(() => ({ status: 401, headers: { "www-authenticate": challenge } }));
    expect(await rejection(http)).toBe("oci/registry-answer-invalid");
    expect(http.requests.length).toBe(1);
  });

  test("gets a token for pulling this repository, and keeps what the token service's address says", async () => {
    const challenge = 'Bearer realm="https://auth.example/token?account=a",service="s"';
    const http = network((url) =>
      url.startsWith("https://auth.example/")
        ? { status: 200, body: '{"access_token":"t"}' }
        : { status: 401, headers: { "www-authenticate": challenge } },
    );
    expect(await rejection(http, "registry.example/team/app")).toBe("oci/unauthorised");
    const asked = http.requests.map(({ url }) => url).find(({ host }) => host === "auth.example");
    expect(Object.fromEntries(asked!.searchParams)).toEqual({
      account: "a",
      service: "s",
      scope: "repository:team/app:pull",
    });
    expect(http.requests.at(-1)!.headers).toMatchObject({ authorization: "Bearer t" });
  });
});

describe("endpointsOf()", () => {
  test("puts mirrors first and marks each server on its own", () => {
    const insecure = parseInsecureRegistries(["mirror.example:5000", "[::1]:5000", "http://plain.example/"]);
    const [mirror, origin] = endpointsOf("docker.io", ["mirror.example:5000/hub"], insecure);
    expect(mirror).toMatchObject({ registry: "mirror.example:5000", prefix: "hub/", isSecure: false });
    expect(mirror!.bases.map(({ protocol }) => protocol)).toEqual(["https:", "http:"]);
    expect(origin).toMatchObject({ registry: "docker.io", prefix: "", isSecure: true });
    expect(origin!.bases.map(({ href }) => href)).toEqual(["https://registry-1.docker.io/v2/"]);
    expect(endpointsOf("plain.example", [], insecure)[0]!.bases.map(({ href }) => href)).toEqual([
      "http://plain.example/v2/",
    ]);
  });
});

describe("parseInsecureRegistries()", () => {
  test.each([[""], ["ftp://a"], ["a/b"], ["a:port"], ["user@a"], ["http://"]])("rejects %j", (value) => {
    expect(codeOf(() => parseInsecureRegistries([value]))).toBe("oci/image-source-invalid");
  });
});
