import { platform } from "node:os";
import { join } from "node:path";

/**
 * Base directory of everything that is kept between runs: `CONTRAST_CACHE_DIR`, else `contrast` in the user's cache
 * directory of the platform. Nothing is created.
 *
 * @param system as `os.platform()` names it
 * @returns undefined when the environment names no place
 */
export function cacheDirectory(
  env: Readonly<Record<string, string | undefined>>,
  system: string = platform(),
): string | undefined {
  const own = env["CONTRAST_CACHE_DIR"];
  if (own !== undefined && own !== "") return own;
  const base = userCacheDirectory(env, system);
  return base === undefined ? undefined : join(base, "contrast");
}

function userCacheDirectory(env: Readonly<Record<string, string | undefined>>, system: string): string | undefined {
  if (system === "win32") return env["LocalAppData"];
  const home = env["HOME"];
  if (system === "darwin") return home === undefined ? undefined : join(home, "Library", "Caches");
  const xdg = env["XDG_CACHE_HOME"];
  if (xdg !== undefined && xdg !== "") return xdg;
  return home === undefined || home === "" ? undefined : join(home, ".cache");
}
