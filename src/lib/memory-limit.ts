import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";

/** Where Linux tells the limit of a container, version 2 of control groups first. */
const LIMIT_FILES = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

/**
 * Memory that this process may have, in bytes: that of its container where there is a limit, else of the machine.
 *
 * @param limitFiles of the container; those that are not there or hold no number say nothing
 * @see Linux `Documentation/admin-guide/cgroup-v2.rst`, `memory.max`
 */
export async function memoryLimit(limitFiles: readonly string[] = LIMIT_FILES): Promise<number> {
  const texts = await Promise.all(limitFiles.map((path) => readFile(path, "utf8").catch(() => "")));
  const limits = texts.map((text) => text.trim()).filter((text) => /^[0-9]{1,15}$/.test(text));
  return Math.min(totalmem(), ...limits.map(Number));
}
