import { readdirSync, readFileSync } from "node:fs";

/** Memory that a process alone has, with its share of what others have too, in bytes. */
export function memoryOf({ pid }: { readonly pid: number }): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) * 1024;
}

/** Processor time that all threads of a process have used, in milliseconds. */
export function processorTimeOf({ pid }: { readonly pid: number }): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e6;
}
