import { describe, expect, test } from "bun:test";
import { zstdCompressSync } from "node:zlib";
import { compile, regorusModule } from "../../../src/rego/regorus/regorus-module.ts";
import { RegorusInstance } from "../../../src/rego/regorus/regorus-instance.ts";
import { codeOf } from "../../fakes/error-code.ts";

const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

describe("regorusModule()", () => {
  test("gives one module, which asks its host for a clock and a way to give up", async () => {
    const module = await regorusModule();
    expect(await regorusModule()).toBe(module);
    const imports = WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`);
    expect(imports.toSorted()).toEqual(["host.give_up", "host.now_ms"]);
  });
});

describe("compile()", () => {
  test.each([
    ["nothing", new Uint8Array()],
    ["what is not packed", EMPTY],
    ["a frame that is cut", zstdCompressSync(EMPTY).subarray(0, -1)],
    ["what is no module", zstdCompressSync(Uint8Array.of(1, 2, 3))],
    ["more than any engine has", zstdCompressSync(new Uint8Array(17 * 1024 * 1024))],
  ])("refuses %s", (_, packed) => {
    expect(codeOf(() => compile(packed))).toBe("rego/module-invalid");
  });
});

describe("RegorusInstance", () => {
  test("refuses a module that is no engine", () => {
    const module = compile(zstdCompressSync(EMPTY));
    expect(codeOf(() => new RegorusInstance(module))).toBe("rego/module-invalid");
  });
});
