import { zstdDecompressSync } from "node:zlib";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { readBytes } from "../../lib/files.ts";
import packedPath from "../../../wasm/regorus.wasm.zst" with { type: "file" };

/** Largest size of the module, unpacked. */
const MAX_MODULE_BYTES = 16 * 1024 * 1024;

/** Unpacked and compiled once in a process, when a policy first needs it. */
let shared: Promise<WebAssembly.Module> | undefined;

/**
 * The guest agent's policy engine in two versions, shipped in the binary.
 *
 * @throws ContrastError `rego/module-invalid`
 * @see wasm/README.md
 */
export async function regorusModule(): Promise<WebAssembly.Module> {
  shared ??= readBytes(packedPath, "policy engine", MAX_MODULE_BYTES).then(compile);
  return await shared;
}

/**
 * Unpacks and compiles the module.
 *
 * @param packed one zstd frame
 * @throws ContrastError `rego/module-invalid`
 */
export function compile(packed: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(zstdDecompressSync(packed, { maxOutputLength: MAX_MODULE_BYTES }));
  } catch (error) {
    throw new ContrastError("rego/module-invalid", `Cannot load policy engine: ${messageOf(error)}`, { cause: error });
  }
}
