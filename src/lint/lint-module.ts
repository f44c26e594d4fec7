import { readBytes } from "../lib/files.ts";
import { compileOpaModule } from "../rego/opa-module.ts";
import modulePath from "../../wasm/lint.wasm" with { type: "file" };

/** Compiled once in a process. */
let shared: Promise<WebAssembly.Module> | undefined;

/**
 * The rules of `policy/lint/`, compiled to WebAssembly by OPA and shipped in the binary.
 *
 * @throws ContrastError `rego/module-invalid`
 * @see wasm/README.md
 */
export async function lintModule(): Promise<WebAssembly.Module> {
  shared ??= readBytes(modulePath, "lint rules").then(compileOpaModule);
  return await shared;
}
