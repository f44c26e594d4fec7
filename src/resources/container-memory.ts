import type { ValueMap } from "../kubernetes/value.ts";

/** `resources` of a container that asks for memory and may take more. */
export function memoryRequest(mebibytes: number): ValueMap {
  return { requests: { memory: `${mebibytes}Mi` } };
}

/** `resources` of a container that gets exactly this much memory. */
export function memoryLimit(mebibytes: number): ValueMap {
  return { requests: { memory: `${mebibytes}Mi` }, limits: { memory: `${mebibytes}Mi` } };
}
