import { describe, expect, test } from "bun:test";
import { parseImageFacts } from "../../src/policy/image-facts.ts";
import { codeOf, codeOfAsync } from "../fakes/error-code.ts";

const FACTS = JSON.stringify({
  "app:1": {
    config: { User: "7", Env: null, Entrypoint: ["/app"], Volumes: { "/b": {}, "/a": {} } },
    passwd: "app:x:7:8::/:/bin/sh\n",
  },
  [`app@sha256:${"0".repeat(64)}`]: { config: {} },
});

describe("parseImageFacts()", () => {
  test("gives images with their configuration and accounts", async () => {
    const image = await parseImageFacts(FACTS, "f.json").image("app:1");
    expect(image.config).toEqual({ User: "7", Entrypoint: ["/app"], Volumes: ["/a", "/b"] });
    expect(await image.accounts()).toEqual({ passwd: "app:x:7:8::/:/bin/sh\n", group: undefined });
    expect(image.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(image.digestOrigin).toBe("image-id");
  });
  test("takes the digest of the reference", async () => {
    const reference = `app@sha256:${"0".repeat(64)}`;
    expect((await parseImageFacts(FACTS, "f.json").image(reference)).digest).toBe(`sha256:${"0".repeat(64)}`);
  });
  test("knows exactly the listed references", async () => {
    const provider = parseImageFacts(FACTS, "f.json");
    expect(await codeOfAsync(() => provider.image("app:2"))).toBe("policy/image-facts-missing");
    expect(await codeOfAsync(() => provider.image("docker.io/library/app:1"))).toBe("policy/image-facts-missing");
  });
  test.each([
    ["a list", "[]"],
    ["an image without configuration", '{"a":{}}'],
    ["a member that no image has", '{"a":{"config":{},"layers":[]}}'],
    ["a configuration member that is not read", '{"a":{"config":{"StopSignal":"SIGTERM"}}}'],
    ["an environment that is not a list", '{"a":{"config":{"Env":"A=b"}}}'],
    ["volumes as a list", '{"a":{"config":{"Volumes":["/a"]}}}'],
  ])("refuses %s", (_, text) => {
    expect(codeOf(() => parseImageFacts(text, "f.json"))).toBe("policy/image-facts-invalid");
  });
  test("refuses every truncation", () => {
    for (let length = 0; length < FACTS.length; length++) {
      expect(codeOf(() => parseImageFacts(FACTS.slice(0, length), "f.json"))).toBe("lib/json-invalid");
    }
  });
  test("refuses what is not JSON", () => {
    expect(codeOf(() => parseImageFacts("{", "f.json"))).toBe("lib/json-invalid");
  });
});
