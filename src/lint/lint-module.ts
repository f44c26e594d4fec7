import { ContrastError, messageOf } from "../lib/errors.ts";
import { readBytes } from "../lib/files.ts";
import modulePath from "../../wasm/lint.wasm" with { type: "file" };

/** Compiled once in a process. */
let shared: Promise<WebAssembly.Module> | undefined;

/**
 * The rules of `policy/lint/`, compiled to WebAssembly by OPA and shipped in the binary. The first call begins to
 * compile them beside whatever the caller does until it needs them.
 *
 * @throws ContrastError `rego/module-invalid`
 * @see wasm/README.md
 */
export async function lintModule(): Promise<WebAssembly.Module> {
  shared ??= readBytes(modulePath, "lint rules").then(compile);
  return await shared;
}

async function compile(bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(Uint8Array.from(bytes));
  } catch (error) {
    throw new ContrastError("rego/module-invalid", `Cannot load lint rules: ${messageOf(error)}`, { cause: error });
  }
}
