import { readBytes } from "../lib/files.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
import rulesModulePath from "../../wasm/policy.wasm" with { type: "file" };

/** Compiled once in a process; instances are made from it. */
let rulesModule: Promise<WebAssembly.Module> | undefined;

/**
 * The rules of `policy/rules.rego`, compiled to WebAssembly by OPA and shipped in the binary.
 *
 * @throws ContrastError `rego/module-invalid`
 * @see wasm/README.md
 */
export async function rulesOpaModule(): Promise<WebAssembly.Module> {
  rulesModule ??= readBytes(rulesModulePath, "policy module").then(compileOpaModule);
  return await rulesModule;
}

/**
 * Compiles a module that `opa build -t wasm` made.
 *
 * @throws ContrastError `rego/module-invalid`
 */
export function compileOpaModule(bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(Uint8Array.from(bytes));
  } catch (error) {
    throw new ContrastError("rego/module-invalid", `Cannot load policy module: ${messageOf(error)}`, { cause: error });
  }
}
