import { UsageError } from "../../terminal/usage-error.ts";

/** More than any hypervisor gives a guest; keeps a slip from filling the screen. */
const MAX_VCPUS = 4096;

const RANGE = /^([0-9]{1,4})(?:-([0-9]{1,4}))?$/;

/**
 * Reads numbers of virtual processors: numbers and ranges with commas between them, such as `1,2,4-8`.
 *
 * @returns ascending, each once
 * @throws UsageError `terminal/invalid-argument`
 */
export function parseVcpuCounts(text: string): readonly number[] {
  const counts = new Set<number>();
  for (const part of text.split(",")) {
    const [, first, last = first] = RANGE.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    // A text that is no range gives NaN, which no comparison accepts.
    if (!(from >= 1 && from <= to && to <= MAX_VCPUS)) {
      throw new UsageError(
        "terminal/invalid-argument",
        `invalid argument ${JSON.stringify(text)} for "--vcpus" flag: want numbers from 1 to ${MAX_VCPUS}, such as 1, 2,4 or 1-8`,
      );
    }
    for (let count = from; count <= to; count += 1) counts.add(count);
  }
  return [...counts].toSorted((a, b) => a - b);
}
