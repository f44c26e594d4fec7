import { describe, expect, test } from "bun:test";
import { parseImageFacts } from "../../../src/policy/policy-test/image-facts.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";

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
  test("gives the layers that are listed, and refuses to invent others", async () => {
    const layers = [{ diffId: `sha256:${"1".repeat(64)}`, rootHash: "2".repeat(64) }];
    const provider = parseImageFacts(JSON.stringify({ a: { config: {}, layers }, b: { config: {} } }), "f.json");
    expect(await (await provider.image("a")).layerHashes()).toEqual([
      { diffId: `sha256:${"1".repeat(64)}`, rootHashHex: "2".repeat(64) },
    ]);
    const bare = await provider.image("b");
    expect(await codeOfAsync(() => bare.layerHashes())).toBe("policy/image-facts-missing");
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
    ["a member that no image has", '{"a":{"config":{},"labels":[]}}'],
    ["layers without hash", `{"a":{"config":{},"layers":[{"diffId":"sha256:${"0".repeat(64)}"}]}}`],
    ["a short root hash", `{"a":{"config":{},"layers":[{"diffId":"sha256:${"0".repeat(64)}","rootHash":"00"}]}}`],
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
