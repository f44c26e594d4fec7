import { ContrastError } from "../../lib/errors.ts";

/** One server that may hold the content of a registry. */
export interface Endpoint {
  /** The registry that credentials and messages name: `docker.io`, `mirror.example:5000`. */
  readonly registry: string;
  /** Base addresses ending in `/v2/`; the second is tried only if the first has no working connection. */
  readonly bases: readonly [URL, ...URL[]];
  /** Path that a mirror puts before every repository, with a slash at its end. */
  readonly prefix: string;
  /** False: certificates are not checked, plain HTTP is allowed. */
  readonly isSecure: boolean;
}

const DOCKER_HUB = "docker.io";
const DOCKER_HUB_SERVER = "registry-1.docker.io";

/** Registries that need not be authenticated by TLS: host to the only scheme, or `any` for HTTPS and then HTTP. */
export type InsecureRegistries = ReadonlyMap<string, "http" | "https" | "any">;

/**
 * Parses the values of `--insecure-registry`: `host[:port]`, or with `http://` or `https://` to fix the scheme.
 *
 * @throws ContrastError `oci/image-source-invalid`
 */
export function parseInsecureRegistries(values: readonly string[]): InsecureRegistries {
  return new Map(
    values.map((value) => {
      const match = /^(?:(https?):\/\/)?([A-Za-z0-9.-]+(?::[0-9]+)?|\[[0-9a-fA-F:]+\](?::[0-9]+)?)\/?$/.exec(value);
      if (match?.[2] === undefined) {
        throw new ContrastError(
          "oci/image-source-invalid",
          `Cannot use insecure registry "${value}": need host[:port]`,
        );
      }
      return [match[2], match[1] === "http" || match[1] === "https" ? match[1] : "any"] as const;
    }),
  );
}

/**
 * The servers of a registry in the order in which they are asked: its mirrors, then the registry itself.
 *
 * @param mirrors `host[:port][/prefix]`
 */
export function endpointsOf(
  registry: string,
  mirrors: readonly string[],
  insecure: InsecureRegistries,
): readonly Endpoint[] {
  return [...mirrors.map((mirror) => endpointOf(mirror, insecure)), endpointOf(registry, insecure)];
}

function endpointOf(place: string, insecure: InsecureRegistries): Endpoint {
  const slash = place.indexOf("/");
  const registry = slash < 0 ? place : place.slice(0, slash);
  const prefix = slash < 0 ? "" : `${place.slice(slash + 1)}/`;
  const scheme = insecure.get(registry);
  const host = registry === DOCKER_HUB ? DOCKER_HUB_SERVER : registry;
  const https = new URL(`https://${host}/v2/`);
  const http = new URL(`http://${host}/v2/`);
  const bases: [URL, ...URL[]] = scheme === "http" ? [http] : scheme === "any" ? [https, http] : [https];
  return { registry, prefix, bases, isSecure: scheme === undefined };
}
