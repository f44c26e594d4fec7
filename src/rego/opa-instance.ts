import type { loadPolicySync, LoadedPolicy } from "@open-policy-agent/opa-wasm";
import { ContrastError } from "../lib/errors.ts";
import type { Json } from "../lib/json.ts";

/** Memory of an instance in pages of 64 KiB: enough for policies of several megabytes, and a bound for hostile ones. */
const MEMORY = { initial: 8, maximum: 4096 };

/** The part of the SDK that is used; its ES module exports it on the default object only. */
interface Sdk {
  readonly loadPolicySync: typeof loadPolicySync;
}

/**
 * One running instance of a module made by OPA. A call that fails leaves the memory of an instance in an unknown state,
 * so the instance must not be used again after an error.
 */
export class OpaInstance {
  readonly #policy: LoadedPolicy;
  /** Names such as `agent_policy/CreateContainerRequest`. */
  readonly entryPoints: ReadonlySet<string>;

  private constructor(policy: LoadedPolicy) {
    this.#policy = policy;
    this.entryPoints = new Set(Object.keys(policy.entrypoints));
  }

  /**
   * Prepares a way to make instances that needs no waiting.
   *
   * @throws ContrastError `rego/module-invalid` for a module that is not OPA's; from the returned function for one that
   *   calls back into its host
   */
  static async factory(module: WebAssembly.Module): Promise<() => OpaInstance> {
    const exports = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
    if (!exports.has("opa_wasm_abi_version") || !exports.has("opa_wasm_abi_minor_version")) {
      throw new ContrastError("rego/module-invalid", "Cannot start policy module: it does not come from OPA");
    }
    const sdk: object = await import("@open-policy-agent/opa-wasm");
    const exported = "default" in sdk ? sdk.default : sdk;
    if (!isSdk(exported)) throw new ContrastError("lib/internal", "Cannot load policy engine: its SDK has changed");
    return () => {
      const policy = guarded("rego/module-invalid", "Cannot start policy module", () => {
        const loaded = exported.loadPolicySync(module, { ...MEMORY });
        assertSelfContained(loaded);
        return loaded;
      });
      return new OpaInstance(policy);
    };
  }

  /** Bytes of memory that the instance holds; they are never given back. */
  get memoryBytes(): number {
    return this.#policy.mem.buffer.byteLength;
  }

  /**
   * Replaces the data document.
   *
   * @param document JSON text
   * @throws ContrastError `rego/evaluation-failed`
   */
  setData(document: string): void {
    const bytes = new TextEncoder().encode(document);
    guarded("rego/evaluation-failed", "Cannot load policy data", () => this.#policy.setData(bytes.buffer));
  }

  /**
   * Evaluates a rule.
   *
   * @param entryPoint one of `entryPoints`
   * @returns undefined where the rule has no value
   * @throws ContrastError `rego/evaluation-failed`
   */
  evaluate(entryPoint: string, input: Json): unknown {
    const text = new TextEncoder().encode(JSON.stringify(input));
    return guarded("rego/evaluation-failed", `Cannot evaluate "${entryPoint}"`, () => {
      const results: unknown = this.#policy.evaluate(text.buffer, entryPoint);
      const [first]: readonly unknown[] = Array.isArray(results) ? results : [];
      return typeof first === "object" && first !== null && "result" in first ? first.result : undefined;
    });
  }
}

function isSdk(value: unknown): value is Sdk {
  return typeof value === "object" && value !== null && "loadPolicySync" in value;
}

/** Refuses a module that would call functions of its host: the SDK's own differ from Rego's, and others are missing. */
function assertSelfContained(policy: LoadedPolicy): void {
  const exports = "exports" in policy.wasmInstance ? policy.wasmInstance.exports : policy.wasmInstance.instance.exports;
  const { builtins, opa_json_dump: dump } = exports;
  if (typeof builtins !== "function" || typeof dump !== "function") throw new Error("no list of built-in functions");
  const names = Object.keys(JSON.parse(readText(policy.mem, Number(dump(builtins())))));
  if (names.length > 0) throw new Error(`needs built-in functions of its host: ${names.join(", ")}`);
}

/** Text that ends in a zero byte. */
function readText(memory: WebAssembly.Memory, start: number): string {
  const bytes = new Uint8Array(memory.buffer);
  return new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(0, start)));
}

/** The SDK throws texts and plain objects; everything that it throws becomes an error with a code. */
function guarded<Result>(
  code: "rego/module-invalid" | "rego/evaluation-failed",
  action: string,
  call: () => Result,
): Result {
  try {
    return call();
  } catch (error) {
    throw new ContrastError(code, `${action}: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return String(error);
}
