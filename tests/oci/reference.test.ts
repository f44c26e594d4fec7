import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ContrastError } from "../../src/lib/errors.ts";
import { canonicalReference, parseReference } from "../../src/oci/reference.ts";
import { codeOf } from "../fakes/error-code.ts";

const HEX = "4c9bf4ff7d6e0b1f6b1d2a5ba9c9a9e3b1e1f0c9d8a7b6c5d4e3f2a1b0c9d8e7";
const DIGEST = `sha256:${HEX}`;

describe("parseReference()", () => {
  test.each([
    ["nginx", "docker.io/library/nginx:latest"],
    ["nginx:1.27", "docker.io/library/nginx:1.27"],
    [`nginx@${DIGEST}`, `docker.io/library/nginx@${DIGEST}`],
    [`nginx:1.27@${DIGEST}`, `docker.io/library/nginx:1.27@${DIGEST}`],
    ["bitnami/redis", "docker.io/bitnami/redis:latest"],
    ["docker.io/nginx", "docker.io/library/nginx:latest"],
    ["index.docker.io/nginx", "docker.io/library/nginx:latest"],
    ["docker.io/library/nginx", "docker.io/library/nginx:latest"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app", "localhost:5000/app:latest"],
    ["localhost:5000/app:v1", "localhost:5000/app:v1"],
    ["registry:5000/a/b/c:T-1.x_y", "registry:5000/a/b/c:T-1.x_y"],
    ["ghcr.io/edgelesssys/contrast/coordinator:latest", "ghcr.io/edgelesssys/contrast/coordinator:latest"],
    ["[2001:db8::1]:5000/app", "[2001:db8::1]:5000/app:latest"],
    ["127.0.0.1:5000/a__b/c-d/e.f/g---h", "127.0.0.1:5000/a__b/c-d/e.f/g---h:latest"],
    ["Registry/app", "Registry/app:latest"],
    // Without a slash, what follows the colon is a tag, as for Docker.
    ["registry.example:5000", "docker.io/library/registry.example:5000"],
    [`app@sha512:${HEX}${HEX}`, `docker.io/library/app@sha512:${HEX}${HEX}`],
    [
      `${"a".repeat(63)}/${"b".repeat(100)}:${"t".repeat(128)}`,
      `docker.io/${"a".repeat(63)}/${"b".repeat(100)}:${"t".repeat(128)}`,
    ],
  ])("normalises %s", (text, canonical) => {
    const reference = parseReference(text);
    expect(canonicalReference(reference)).toBe(canonical);
    expect(reference.original).toBe(text);
  });

  test.each([
    [""],
    [" nginx"],
    ["nginx "],
    ["nginx\n"],
    ["https://registry.example/app"],
    [HEX],
    ["nginx:"],
    ["nginx:-tag"],
    [`nginx:${"t".repeat(129)}`],
    ["nginx@"],
    ["nginx@sha256:abc"],
    [`nginx@sha256:${HEX.toUpperCase()}`],
    [`nginx@md5:${HEX}`],
    [`nginx@${DIGEST}:tag`],
    ["Nginx"],
    ["library/Nginx"],
    ["docker.io/"],
    ["registry.example/"],
    ["/nginx"],
    ["nginx/"],
    ["a//b"],
    ["-a/b"],
    ["a..b"],
    ["a/b.-c"],
    ["a___b"],
    ["-registry.example/app"],
    ["registry.example:port/app"],
    ["../etc/passwd"],
    ["a/../b"],
    [`registry.example/${"a".repeat(240)}`],
    ["x".repeat(5000)],
    ["nginx:1.27:latest"],
  ])("rejects %j", (text) => {
    expect(codeOf(() => parseReference(text))).toBe("oci/reference-invalid");
  });

  test("gives the same parts for its own canonical form", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,5})?$/);
    const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const tag = fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/), { nil: "" });
    fc.assert(
      fc.property(name, tag, fc.boolean(), (name, tag, pinned) => {
        const text = `${name}${tag === "" ? "" : `:${tag}`}${pinned ? `@${DIGEST}` : ""}`;
        const first = parseReference(text);
        const again = parseReference(canonicalReference(first));
        expect({ ...again, original: "" }).toEqual({ ...first, original: "" });
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  test("answers every text with a reference or its own error", () => {
    const alphabet = fc.constantFrom(
      "a",
      "Z",
      "0",
      ".",
      "/",
      ":",
      "@",
      "-",
      "_",
      "[",
      "]",
      " ",
      "\n",
      "%",
      "é",
      DIGEST,
      "docker.io",
      "localhost",
    );
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 12 }), (parts) => {
        try {
          const { registry, repository } = parseReference(parts.join(""));
          expect(`${registry}/${repository}`).toMatch(/^[A-Za-z0-9.:[\]-]+\/[a-z0-9._/-]+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(ContrastError);
        }
      }),
      { seed: 11, numRuns: 3000 },
    );
  });
});
