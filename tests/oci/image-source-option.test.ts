import { describe, expect, test } from "bun:test";
import { findImageSource, parseImageSources } from "../../src/oci/image-source-option.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { parseRegistryMirrors } from "../../src/oci/registry-mirror-option.ts";
import { codeOf } from "../fakes/error-code.ts";

const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${"b".repeat(64)}`;

describe("parseImageSources()", () => {
  test("splits at the first equals sign", () => {
    const [source] = parseImageSources(["nginx:1=dir=with=equals"]);
    expect(source).toMatchObject({ path: "dir=with=equals", reference: { repository: "library/nginx", tag: "1" } });
  });

  test.each([["nginx"], ["=path"], ["nginx="], ["Bad Reference=path"], [""]])("rejects %j", (value) => {
    expect(codeOf(() => parseImageSources([value]))).toBe("oci/image-source-invalid");
  });

  test("rejects two paths for one reference", () => {
    const code = codeOf(() => parseImageSources(["nginx=a", "docker.io/library/nginx:latest=b"]));
    expect(code).toBe("oci/image-source-invalid");
  });
});

describe("findImageSource()", () => {
  const sources = parseImageSources([`app@${A}=pinned`, "app:v1=tagged", "app=plain", "other.example/app=other"]);
  test.each([
    ["app", "plain"],
    ["app:latest", "plain"],
    ["docker.io/library/app:v1", "tagged"],
    [`app:v1@${A}`, "pinned"],
    [`app:v1@${B}`, "tagged"],
    [`app@${A}`, "pinned"],
    [`app@${B}`, "plain"],
    ["app:v2", undefined],
    ["other.example/app", "other"],
    ["third.example/app", undefined],
  ])("finds for %s the source %s", (reference, path) => {
    expect(findImageSource(sources, parseReference(reference))?.path).toBe(path);
  });
});

describe("parseRegistryMirrors()", () => {
  test("keeps the order of several mirrors", () => {
    const mirrors = parseRegistryMirrors(["index.docker.io=a.example:5000/hub", "docker.io=b.example", "x:1=c"]);
    expect([...mirrors]).toEqual([
      ["docker.io", ["a.example:5000/hub", "b.example"]],
      ["x:1", ["c"]],
    ]);
  });

  test.each([
    [""],
    ["docker.io"],
    ["docker.io="],
    ["=b"],
    ["a=b=c"],
    ["a=https://b"],
    ["a/b=c"],
    ["a=b/"],
    ["a=user@b"],
  ])("rejects %j", (value) => {
    expect(codeOf(() => parseRegistryMirrors([value]))).toBe("oci/image-source-invalid");
  });
});
