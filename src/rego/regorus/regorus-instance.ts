import { ContrastError, messageOf } from "../../lib/errors.ts";
import { engineRefusal } from "./engine-refusal.ts";

/** Functions of the module (`wasm/regorus/src/lib.rs`) that take what was written to their input. */
type Operation = "open" | "set_state" | "evaluate" | "declared" | "coverage";

/** Why the module gave up; the numbers are those of `wasm/regorus/src/limits.rs`. */
const TIME = 1;
const MEMORY = 2;

/** Thrown through the module to unwind it. */
class GaveUp {
  readonly reason: number;
  readonly message: string;

  constructor(reason: number, message: string) {
    this.reason = reason;
    this.message = message;
  }
}

/**
 * One running engine. After an error of `call()` other than `rego/syntax-invalid` and `rego/evaluation-failed` the
 * instance is `broken` and must be replaced.
 */
export class RegorusInstance {
  readonly #exports: Readonly<Record<string, unknown>>;
  readonly #memory: WebAssembly.Memory;
  #isBroken = false;

  constructor(module: WebAssembly.Module) {
    const host = {
      now_ms: () => performance.now(),
      give_up: (reason: number, start: number, length: number) => {
        throw new GaveUp(reason, this.#read(start, length));
      },
    };
    this.#exports = new WebAssembly.Instance(module, { host }).exports;
    const { memory } = this.#exports;
    if (!(memory instanceof WebAssembly.Memory)) {
      throw new ContrastError("rego/module-invalid", "Cannot start policy engine: it has no memory");
    }
    this.#memory = memory;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Bytes of memory that the instance holds; they are never given back. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * Calls the engine.
   *
   * @param input what the operation reads, see the crate
   * @param patienceMs longest time for the call
   * @returns JSON text
   * @throws ContrastError `rego/syntax-invalid`, `rego/evaluation-failed`, `rego/limit-exceeded`
   */
  call(operation: Operation, input: string, patienceMs: number, ...numbers: readonly number[]): string {
    let status: number;
    try {
      const bytes = new TextEncoder().encode(input);
      this.#function("set_deadline", performance.now() + patienceMs);
      const start = this.#function("input", bytes.length);
      new Uint8Array(this.#memory.buffer, start, bytes.length).set(bytes);
      status = this.#function(operation, ...numbers);
    } catch (error) {
      this.#isBroken = true;
      throw abandoned(error, patienceMs);
    }
    const text = this.#read(this.#function("output_pointer"), this.#function("output_length"));
    if (status !== 0) throw engineRefusal(operation === "open" ? "load" : "evaluate", text);
    return text;
  }

  #function(name: string, ...numbers: readonly number[]): number {
    const exported = this.#exports[name];
    if (typeof exported !== "function") {
      throw new ContrastError("rego/module-invalid", `Cannot use policy engine: it has no function "${name}"`);
    }
    // Addresses above 2 GiB come as negative numbers.
    return Number(exported(...numbers)) >>> 0;
  }

  #read(start: number, length: number): string {
    return new TextDecoder().decode(new Uint8Array(this.#memory.buffer, start >>> 0, length >>> 0));
  }
}

/** What made the module stop in the middle of a call. */
function abandoned(error: unknown, patienceMs: number): ContrastError {
  if (error instanceof ContrastError) return error;
  if (error instanceof GaveUp) {
    if (error.reason === TIME) return exceeded(`it takes more than ${patienceMs / 1000} seconds`, error);
    // Sizes that no address can express are found before anything is allocated.
    if (error.reason === MEMORY || /capacity overflow|usize::MAX/.test(error.message))
      return exceeded("it needs more memory than 1 GiB", error);
    return new ContrastError("rego/evaluation-failed", `Cannot evaluate policy: ${error.message}`);
  }
  // The stack of the module or that of the runtime ended: both are too much recursion.
  const isStack = error instanceof RangeError || error instanceof WebAssembly.RuntimeError;
  if (isStack) return exceeded("its rules or values are nested too deep, or call themselves without end", error);
  return new ContrastError("rego/evaluation-failed", `Cannot evaluate policy: ${messageOf(error)}`, { cause: error });
}

function exceeded(fact: string, cause: unknown): ContrastError {
  return new ContrastError("rego/limit-exceeded", `Cannot evaluate policy: ${fact}`, {
    hint: "Simplify the rules; a guest would answer such requests with an error or not at all.",
    cause,
  });
}
