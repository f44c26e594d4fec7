import type { loadPolicySync, LoadedPolicy } from "@open-policy-agent/opa-wasm";
import { ContrastError } from "../lib/errors.ts";
import type { Json } from "../lib/json.ts";
import { OpaAbi } from "./opa-abi.ts";

/** Memory of an instance in pages of 64 KiB: enough for policies of several megabytes, and a bound for hostile ones. */
const MEMORY = { initial: 8, maximum: 4096 };

/**
 * How much of the memory evaluations may use up before it is freed at once. The module keeps regular expressions that it
 * has compiled until then; where each request needs many, compiling them takes longer than everything else.
 */
const MAX_USED_BYTES = 16 * 1024 * 1024;

/** A small document that changes more often than the data inside of it. */
export interface DataFrame {
  /** JSON text of an object. */
  readonly text: string;
  /** Members that lead to where the data are put. */
  readonly path: readonly string[];
}

/** The part of the SDK that is used; its ES module exports it on the default object only. */
interface Sdk {
  readonly loadPolicySync: typeof loadPolicySync;
}

/**
 * One running instance of a module made by OPA. A call that fails leaves the memory of an instance in an unknown state,
 * so the instance must not be used again after an error.
 */
export class OpaInstance {
  readonly #abi: OpaAbi;
  readonly #entryPoints: ReadonlyMap<string, number>;
  /** Names such as `agent_policy/CreateContainerRequest`. */
  readonly entryPoints: ReadonlySet<string>;
  /** Where the data begin in the memory, and where evaluations do. */
  readonly #dataStart: number;
  readonly #maxUsedBytes: number;
  #evaluationStart: number;
  #data: number;
  #frame: DataFrame | undefined;
  /** The data inside of their frame; undefined until needed. */
  #document: number | undefined;

  private constructor(policy: LoadedPolicy, abi: OpaAbi, maxUsedBytes: number) {
    this.#abi = abi;
    this.#maxUsedBytes = maxUsedBytes;
    this.#entryPoints = new Map(Object.entries(policy.entrypoints));
    this.entryPoints = new Set(this.#entryPoints.keys());
    this.#data = policy.dataAddr;
    this.#dataStart = abi.heapPointer();
    this.#evaluationStart = this.#dataStart;
  }

  /**
   * Prepares a way to make instances that needs no waiting.
   *
   * @param maxUsedBytes memory that evaluations use up before it is freed; new memory is slow at the first use of it, so
   *   rules that need few regular expressions do better with little
   * @throws ContrastError `rego/module-invalid` for a module that is not OPA's; from the returned function for one that
   *   calls back into its host
   */
  static async factory(module: WebAssembly.Module, maxUsedBytes = MAX_USED_BYTES): Promise<() => OpaInstance> {
    const exports = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
    if (!exports.has("opa_wasm_abi_version") || !exports.has("opa_wasm_abi_minor_version")) {
      throw new ContrastError("rego/module-invalid", "Cannot start policy module: it does not come from OPA");
    }
    const sdk: object = await import("@open-policy-agent/opa-wasm");
    const exported = "default" in sdk ? sdk.default : sdk;
    if (!isSdk(exported)) throw new ContrastError("lib/internal", "Cannot load policy engine: its SDK has changed");
    return () => {
      return guarded("rego/module-invalid", "Cannot start policy module", () => {
        const policy = exported.loadPolicySync(module, { ...MEMORY });
        const abi = new OpaAbi(policy);
        assertSelfContained(abi);
        return new OpaInstance(policy, abi, maxUsedBytes);
      });
    };
  }

  /** Bytes of memory that the instance holds; they are never given back. */
  get memoryBytes(): number {
    return this.#abi.memoryBytes;
  }

  /**
   * Replaces the data.
   *
   * @param text JSON
   * @throws ContrastError `rego/evaluation-failed`
   */
  setData(text: string, frame?: DataFrame): void {
    guarded("rego/evaluation-failed", "Cannot load policy data", () => {
      this.#abi.setHeapPointer(this.#dataStart);
      this.#data = this.#abi.parse(text);
      this.#evaluationStart = this.#abi.heapPointer();
    });
    this.setFrame(frame);
  }

  /** Puts the data into another frame; without one, they are the whole document. */
  setFrame(frame: DataFrame | undefined): void {
    this.#frame = frame;
    this.#document = undefined;
  }

  /**
   * Evaluates a rule.
   *
   * @param entryPoint one of `entryPoints`
   * @returns undefined where the rule has no value
   * @throws ContrastError `rego/evaluation-failed`
   */
  evaluate(entryPoint: string, input: Json): unknown {
    return guarded("rego/evaluation-failed", `Cannot evaluate "${entryPoint}"`, () => {
      const abi = this.#abi;
      const number = this.#entryPoints.get(entryPoint);
      if (number === undefined) throw new Error("no such entry point");
      if (abi.heapPointer() - this.#evaluationStart > this.#maxUsedBytes) {
        abi.setHeapPointer(this.#evaluationStart);
        this.#document = undefined;
      }
      const context = abi.newContext();
      abi.setData(context, (this.#document ??= this.#framed()));
      abi.setInput(context, abi.parse(JSON.stringify(input)));
      abi.setEntryPoint(context, number);
      if (abi.eval(context) !== 0) throw new Error("evaluation failed");
      const results: unknown = JSON.parse(abi.render(abi.result(context)));
      const [first]: readonly unknown[] = Array.isArray(results) ? results : [];
      return typeof first === "object" && first !== null && "result" in first ? first.result : undefined;
    });
  }

  /** The frame is made anew whenever its memory is freed; the data stay where they are. */
  #framed(): number {
    if (this.#frame === undefined) return this.#data;
    const document = this.#abi.parse(this.#frame.text);
    const path = this.#abi.parse(JSON.stringify(this.#frame.path));
    if (this.#abi.addPath(document, path, this.#data) !== 0) throw new Error("no place for the data");
    return document;
  }
}

function isSdk(value: unknown): value is Sdk {
  return typeof value === "object" && value !== null && "loadPolicySync" in value;
}

/** Refuses a module that would call functions of its host: the SDK's own differ from Rego's, and others are missing. */
function assertSelfContained(abi: OpaAbi): void {
  const names = Object.keys(JSON.parse(abi.render(abi.builtins())));
  if (names.length > 0) throw new Error(`needs built-in functions of its host: ${names.join(", ")}`);
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
