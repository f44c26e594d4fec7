import type { LoadedPolicy } from "@open-policy-agent/opa-wasm";

/** A function of the module; addresses are offsets in its memory. */
type OpaFunction = (...words: readonly number[]) => number;

/**
 * The exports of a running module, and texts in and out of its memory.
 *
 * @see OPA, documentation of the WebAssembly ABI 1.2
 */
export class OpaAbi {
  readonly builtins: OpaFunction;
  readonly eval: OpaFunction;
  readonly free: OpaFunction;
  readonly malloc: OpaFunction;
  readonly heapPointer: OpaFunction;
  readonly setHeapPointer: OpaFunction;
  readonly addPath: OpaFunction;
  readonly newContext: OpaFunction;
  readonly setInput: OpaFunction;
  readonly setData: OpaFunction;
  readonly setEntryPoint: OpaFunction;
  readonly result: OpaFunction;
  readonly #parse: OpaFunction;
  readonly #dump: OpaFunction;
  readonly #memory: WebAssembly.Memory;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  /** Reused for every text that goes in, because the length of its encoding is not known before. */
  #scratch = new Uint8Array(64 * 1024);

  /** @throws Error for a module without these exports */
  constructor(policy: LoadedPolicy) {
    const { wasmInstance: wasm, mem } = policy;
    const exports = "exports" in wasm ? wasm.exports : wasm.instance.exports;
    const exported = (name: string): OpaFunction => {
      const found = exports[name];
      if (typeof found !== "function") throw new Error(`no function "${name}"`);
      return (...words) => Number(found(...words));
    };
    this.builtins = exported("builtins");
    this.eval = exported("eval");
    this.free = exported("opa_free");
    this.malloc = exported("opa_malloc");
    this.heapPointer = exported("opa_heap_ptr_get");
    this.setHeapPointer = exported("opa_heap_ptr_set");
    this.addPath = exported("opa_value_add_path");
    this.newContext = exported("opa_eval_ctx_new");
    this.setInput = exported("opa_eval_ctx_set_input");
    this.setData = exported("opa_eval_ctx_set_data");
    this.setEntryPoint = exported("opa_eval_ctx_set_entrypoint");
    this.result = exported("opa_eval_ctx_get_result");
    this.#parse = exported("opa_json_parse");
    this.#dump = exported("opa_json_dump");
    this.#memory = mem;
  }

  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * Makes a value of the module from JSON.
   *
   * @returns its address
   * @throws Error for a text that is no JSON
   */
  parse(text: string): number {
    if (this.#scratch.length < text.length * 3) this.#scratch = new Uint8Array(text.length * 3);
    const { written } = this.#encoder.encodeInto(text, this.#scratch);
    const start = this.malloc(written);
    new Uint8Array(this.#memory.buffer, start, written).set(this.#scratch.subarray(0, written));
    const value = this.#parse(start, written);
    this.free(start);
    if (value === 0) throw new Error("no JSON");
    return value;
  }

  /** JSON of a value of the module. */
  render(value: number): string {
    const start = this.#dump(value);
    const bytes = new Uint8Array(this.#memory.buffer);
    const text = this.#decoder.decode(bytes.subarray(start, bytes.indexOf(0, start)));
    this.free(start);
    return text;
  }
}
