import { join } from "node:path";
import { exists, readText } from "../../lib/files.ts";
import type { Logger } from "../../lib/log.ts";
import { type AuthFile, type Credentials, MAX_AUTH_FILE_BYTES, parseAuthFile } from "./auth-file.ts";
import { askCredentialHelper } from "./credential-helper.ts";

/** Finds credentials for repositories. */
export interface CredentialStore {
  /**
   * @param registry `host` or `host:port`; Docker Hub is `docker.io`
   * @returns undefined for anonymous access
   * @throws ContrastError `oci/auth-file-invalid`, `oci/credential-helper-failed`
   */
  find(registry: string, repository: string): Promise<Credentials | undefined>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DOCKER_HUB = "docker.io";
const DOCKER_HUB_SERVER = "https://index.docker.io/v1/";
const DOCKER_HUB_HOSTS = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/**
 * Credentials from the files of Docker and Podman; the first file that knows the registry decides. A helper named for
 * the registry comes before stored credentials, which come before the file's general helper.
 */
export function createCredentialStore(env: Environment, log: Logger, signal: AbortSignal): CredentialStore {
  let files: Promise<readonly AuthFile[]> | undefined;
  const asked = new Map<string, Promise<Credentials | undefined>>();
  const askOnce = (helper: string, registry: string): Promise<Credentials | undefined> => {
    const server = registry === DOCKER_HUB ? DOCKER_HUB_SERVER : registry;
    const key = `${helper} ${server}`;
    const known = asked.get(key) ?? askCredentialHelper(helper, server, env, signal);
    asked.set(key, known);
    return known;
  };
  return {
    find: async (registry, repository) => {
      files ??= readAuthFiles(env, log);
      for (const file of await files) {
        const helper = valueFor(file.credHelpers, registry);
        const stored = helper === undefined ? storedFor(file.auths, registry, repository) : undefined;
        if (stored !== undefined) return stored;
        const program = helper ?? file.credsStore;
        const fromHelper = program === undefined ? undefined : await askOnce(program, registry);
        if (fromHelper !== undefined) return fromHelper;
      }
      return undefined;
    },
  };
}

/**
 * Places where credentials may lie, in the order in which they are asked.
 *
 * @see containers-auth.json(5); Docker CLI reference, "Environment variables"
 */
export function authFilePaths(env: Environment): readonly string[] {
  const explicit = env["REGISTRY_AUTH_FILE"];
  if (explicit !== undefined && explicit !== "") return [explicit];
  const dockerConfig = env["DOCKER_CONFIG"];
  const runtime = env["XDG_RUNTIME_DIR"];
  const home = env["HOME"] ?? env["USERPROFILE"];
  const config = env["XDG_CONFIG_HOME"] ?? (home === undefined ? undefined : join(home, ".config"));
  const paths = [
    within(dockerConfig, "config.json"),
    within(runtime, "containers", "auth.json"),
    within(config, "containers", "auth.json"),
    dockerConfig === undefined || dockerConfig === "" ? within(home, ".docker", "config.json") : undefined,
  ];
  return paths.filter((path) => path !== undefined);
}

async function readAuthFiles(env: Environment, log: Logger): Promise<readonly AuthFile[]> {
  const files: AuthFile[] = [];
  for (const path of authFilePaths(env)) {
    // A file that was named explicitly must be there.
    if (path !== env["REGISTRY_AUTH_FILE"] && !(await exists(path))) continue;
    files.push(parseAuthFile(await readText(path, "registry credentials", MAX_AUTH_FILE_BYTES), path));
    log.debug("reading registry credentials", { path });
  }
  return files;
}

/** The most specific key wins: `host/group/name`, `host/group`, `host`. */
function storedFor(
  auths: ReadonlyMap<string, Credentials>,
  registry: string,
  repository: string,
): Credentials | undefined {
  const parts = repository.split("/");
  for (let count = parts.length; count > 0; count--) {
    const found = auths.get([registry, ...parts.slice(0, count)].join("/"));
    if (found !== undefined) return found;
  }
  return valueFor(auths, registry);
}

/** Looks a registry up under its host, or under a URL whose path Docker's old versions wrote. */
function valueFor<T>(entries: ReadonlyMap<string, T>, registry: string): T | undefined {
  const hosts = registry === DOCKER_HUB ? DOCKER_HUB_HOSTS : [registry];
  for (const [key, value] of entries) {
    const host = key.replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
    if (hosts.includes(host)) return value;
  }
  return undefined;
}

function within(directory: string | undefined, ...names: readonly string[]): string | undefined {
  return directory === undefined || directory === "" ? undefined : join(directory, ...names);
}
