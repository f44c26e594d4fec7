import { describe, expect, test } from "bun:test";
import { parseConfig } from "../../src/oci/image-config.ts";
import { codeOf } from "../fakes/error-code.ts";

const DIGEST = `sha256:${"0".repeat(64)}`;

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function document(config: unknown, diffIds: readonly unknown[] | null = [DIGEST]): Uint8Array {
  return encode({ os: "linux", architecture: "amd64", config, rootfs: { type: "layers", diff_ids: diffIds } });
}

describe("parseConfig()", () => {
  test("takes over what a container needs", () => {
    const config = {
      User: "65532:65532",
      Tty: true,
      Env: ["PATH=/bin"],
      Cmd: ["-v"],
      Entrypoint: ["/app"],
      WorkingDir: "/srv",
      Volumes: { "/z": {}, "/a": {} },
      Labels: { ignored: "yes" },
    };
    expect(parseConfig(document(config), "x")).toEqual({
      config: {
        User: "65532:65532",
        Tty: true,
        Env: ["PATH=/bin"],
        Cmd: ["-v"],
        Entrypoint: ["/app"],
        WorkingDir: "/srv",
        Volumes: ["/a", "/z"],
      },
      os: "linux",
      architecture: "amd64",
      diffIds: [DIGEST],
    });
  });

  test("takes null for absent", () => {
    const nothing = { User: null, Tty: null, Env: null, Cmd: null, Entrypoint: null, WorkingDir: null, Volumes: null };
    for (const config of [nothing, {}, null, undefined]) {
      expect(parseConfig(document(config, null), "x")).toMatchObject({ config: {}, diffIds: [] });
    }
    expect(parseConfig(encode({ rootfs: { type: "layers" } }), "x").os).toBeUndefined();
  });

  test.each([
    ["no JSON", new TextEncoder().encode("{")],
    ["bytes that are not UTF-8", Uint8Array.of(0xff)],
    ["a document without layers", encode({ config: {} })],
    ["another kind of file system", encode({ rootfs: { type: "snaps" } })],
    ["a user that is a number", document({ User: 0 })],
    ["a command that is text", document({ Cmd: "sh -c" })],
    ["an environment that is an object", document({ Env: { PATH: "/bin" } })],
    ["a configuration that is a list", document([])],
    ["volumes that are a list", document({ Volumes: ["/data"] })],
    ["volumes that are text", document({ Volumes: "/data" })],
    ["a layer digest that is too short", document({}, ["sha256:00"])],
    ["nesting beyond the limit", new TextEncoder().encode("[".repeat(100) + "]".repeat(100))],
  ])("rejects %s", (_, bytes) => {
    expect(codeOf(() => parseConfig(bytes, "configuration"))).toBe("oci/config-invalid");
  });
});
