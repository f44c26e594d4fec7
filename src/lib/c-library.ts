import type { FFIFunction } from "bun:ffi";

/** The C library under its names on glibc and musl. */
const C_LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.so"];

/**
 * Finds functions of the C library. Loaded when it is first needed, because few programs need one.
 *
 * @param functions their arguments and results, by name
 * @throws Error where there is no such library
 */
export async function openCLibrary<Functions extends Readonly<Record<string, FFIFunction>>>(functions: Functions) {
  const { dlopen } = await import("bun:ffi");
  for (const name of C_LIBRARIES) {
    try {
      return dlopen(name, functions).symbols;
    } catch {
      // The next name may be the one of this system.
    }
  }
  throw new Error(`no C library among ${C_LIBRARIES.join(", ")}`);
}
