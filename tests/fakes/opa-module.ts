/** What a stand-in for a module made by OPA says and does. */
export interface FakeModule {
  /** Names of host functions that it claims to call. */
  readonly builtins?: readonly string[];
  /** Result of every evaluation, as JSON text; default: no value. */
  readonly result?: string;
  /** Text that it gives up with, as OPA's modules do on contradicting rules. */
  readonly abort?: string;
  /** Stops with a trap of the processor. */
  readonly trap?: boolean;
}

const TEXT_AT = { builtins: 1024, entryPoints: 4096, result: 8192, abort: 16384 };
const HEAP_AT = 32768;

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const I32 = 0x7f;

/** LEB128, unsigned. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** LEB128, signed, of a number that is not negative. */
function signed(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >>> 7)];
}

const name = (text: string): number[] => [...unsigned(text.length), ...new TextEncoder().encode(text)];
const list = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content];
const constant = (value: number): number[] => [0x41, ...signed(value)];

/**
 * Bytes of a small WebAssembly module with the exports that the SDK of OPA uses: every evaluation gives the same answer.
 * Its entry point is `agent_policy/Fake`.
 */
export function fakeOpaModule({ builtins = [], result = "[]", abort, trap = false }: FakeModule): Uint8Array {
  const types = [
    [0x60, ...list([[I32]]), ...list([])], // 0: abort
    [0x60, ...list([]), ...list([[I32]])], // 1: no parameter
    [0x60, ...list([[I32]]), ...list([[I32]])], // 2: one
    [0x60, ...list([[I32], [I32]]), ...list([[I32]])], // 3: two
    [0x60, ...list([[I32], [I32], [I32]]), ...list([[I32]])], // 4: three
    [0x60, ...list([[I32], [I32]]), ...list([])], // 5: two, without result
  ];
  const giveUp = [...constant(TEXT_AT.abort), 0x10, 0];
  const evaluate = trap ? [0x00] : [...(abort === undefined ? [] : giveUp), ...constant(0)];
  const functions: readonly { readonly name: string; readonly type: number; readonly code: readonly number[] }[] = [
    { name: "builtins", type: 1, code: constant(TEXT_AT.builtins) },
    { name: "entrypoints", type: 1, code: constant(TEXT_AT.entryPoints) },
    { name: "opa_heap_ptr_get", type: 1, code: constant(HEAP_AT) },
    { name: "opa_heap_ptr_set", type: 0, code: [] },
    { name: "opa_malloc", type: 2, code: constant(HEAP_AT) },
    { name: "opa_json_dump", type: 2, code: [0x20, 0] },
    { name: "opa_json_parse", type: 3, code: [0x20, 0] },
    { name: "opa_free", type: 0, code: [] },
    { name: "opa_value_add_path", type: 4, code: constant(0) },
    { name: "opa_eval_ctx_new", type: 1, code: constant(HEAP_AT) },
    { name: "opa_eval_ctx_set_input", type: 5, code: [] },
    { name: "opa_eval_ctx_set_data", type: 5, code: [] },
    { name: "opa_eval_ctx_set_entrypoint", type: 5, code: [] },
    { name: "opa_eval_ctx_get_result", type: 2, code: constant(TEXT_AT.result) },
    { name: "eval", type: 2, code: evaluate },
  ];
  const imports = [
    [...name("env"), ...name("memory"), 2, 0, 2],
    [...name("env"), ...name("opa_abort"), 0, 0],
  ];
  const version = (value: number): number[] => [I32, 0, ...constant(value), 0x0b];
  const exports = [
    ...functions.map((each, index) => [...name(each.name), 0, ...unsigned(index + 1)]),
    [...name("opa_wasm_abi_version"), 3, 0],
    [...name("opa_wasm_abi_minor_version"), 3, 1],
  ];
  const bodies = functions.map(({ code }) => [0, ...code, 0x0b]).map((body) => [...unsigned(body.length), ...body]);
  const texts: readonly (readonly [number, string])[] = [
    [TEXT_AT.builtins, JSON.stringify(Object.fromEntries(builtins.map((each, index) => [each, index])))],
    [TEXT_AT.entryPoints, `{"agent_policy/Fake":0}`],
    [TEXT_AT.result, result],
    [TEXT_AT.abort, abort ?? ""],
  ];
  const data = texts.map(([at, text]) => [0, ...constant(at), 0x0b, ...name(text)]);
  return Uint8Array.from([
    ...MAGIC,
    ...section(1, list(types)),
    ...section(2, list(imports)),
    ...section(3, list(functions.map(({ type }) => [type]))),
    ...section(6, list([version(1), version(3)])),
    ...section(7, list(exports)),
    ...section(10, list(bodies)),
    ...section(11, list(data)),
  ]);
}
