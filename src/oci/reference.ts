import { ContrastError } from "../lib/errors.ts";
import { quoteText } from "../lib/quote-text.ts";
import { DIGEST_PATTERN, isSupportedDigest } from "./content-digest.ts";

/** An image reference after normalisation: `nginx` becomes registry `docker.io`, repository `library/nginx`. */
export interface ImageReference {
  /** The text that was parsed. */
  readonly original: string;
  /** `host` or `host:port`; Docker Hub is `docker.io`. */
  readonly registry: string;
  /** Path inside of the registry, without leading slash. */
  readonly repository: string;
  /** The tag as written; `latest` if neither tag nor digest was written. */
  readonly tag: string | undefined;
  /** `sha256:…`; decides alone when both a tag and a digest are there. */
  readonly digest: string | undefined;
}

const DEFAULT_REGISTRY = "docker.io";
const LEGACY_DEFAULT_REGISTRY = "index.docker.io";
const MAX_NAME_LENGTH = 255;
/** Longest text that is looked at: name, tag (128) and digest. */
const MAX_REFERENCE_LENGTH = 640;

const DOMAIN_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = new RegExp(`^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const BARE_IDENTIFIER = /^[a-f0-9]{64}$/;

/**
 * Parses an image reference as Docker and the container runtimes do: `name`, `name:tag`, `name@digest` or
 * `name:tag@digest`, where the first part of a name is a registry if it contains `.` or `:`, is `localhost`, or has
 * upper-case letters.
 *
 * @throws ContrastError `oci/reference-invalid` with the reason
 * @see distribution/reference, `ParseNormalizedNamed`
 */
export function parseReference(text: string): ImageReference {
  const refuse = (reason: string, hint?: string): never => {
    throw new ContrastError("oci/reference-invalid", `Cannot use image reference ${quoteText(text, 200)}: ${reason}`, {
      hint,
    });
  };
  if (text === "") refuse("it is empty");
  if (text.length > MAX_REFERENCE_LENGTH) refuse(`it has ${text.length} characters, limit ${MAX_REFERENCE_LENGTH}`);
  if (text.includes("://")) refuse("it starts with a URL scheme", "Leave the scheme out: registry/repository:tag.");
  if (BARE_IDENTIFIER.test(text)) refuse("64 hexadecimal digits name an image id, not a repository");

  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !DIGEST_PATTERN.test(digest)) refuse(`"${digest}" is not a digest`);
  if (digest !== undefined && !isSupportedDigest(digest)) {
    refuse(`digest "${digest}" is not a complete SHA-256 or SHA-512 digest in lower case`);
  }
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) refuse(`"${tag}" is not a tag`);

  const { registry, repository } = splitName(colon < 0 ? named : named.slice(0, colon));
  if (!DOMAIN.test(registry)) refuse(`"${registry}" is not a registry host`);
  if (repository === "") refuse("the repository is missing");
  if (repository !== repository.toLowerCase()) refuse(`repository "${repository}" has upper-case letters`);
  if (!REPOSITORY.test(repository)) refuse(`"${repository}" is not a repository name`);
  const nameLength = registry.length + 1 + repository.length;
  if (nameLength > MAX_NAME_LENGTH) refuse(`the name has ${nameLength} characters, limit ${MAX_NAME_LENGTH}`);
  return { original: text, registry, repository, tag: tag ?? (digest === undefined ? "latest" : undefined), digest };
}

/** The complete form of a reference, such as `docker.io/library/nginx:latest`; a tag is kept beside a digest. */
export function canonicalReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

function splitName(name: string): { readonly registry: string; readonly repository: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isRegistry = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const written = isRegistry ? first : DEFAULT_REGISTRY;
  const rest = isRegistry ? name.slice(slash + 1) : name;
  const registry = written === LEGACY_DEFAULT_REGISTRY ? DEFAULT_REGISTRY : written;
  const repository = registry === DEFAULT_REGISTRY && rest !== "" && !rest.includes("/") ? `library/${rest}` : rest;
  return { registry, repository };
}
