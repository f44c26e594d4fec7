import * as v from "valibot";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { decodeUtf8 } from "../lib/files.ts";
import { parseJson } from "../lib/json.ts";
import { checkShape } from "../lib/check-shape.ts";
import { isSupportedDigest } from "./content-digest.ts";
import type { ImageConfig } from "./image.ts";
import { jsonObject } from "./json-object.ts";

/** Largest image configuration that is read. */
export const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

const strings = v.nullish(v.array(v.string()));

const containerConfig = v.pipe(
  jsonObject,
  v.object({
    User: v.nullish(v.string()),
    Tty: v.nullish(v.boolean()),
    Env: strings,
    Cmd: strings,
    Entrypoint: strings,
    WorkingDir: v.nullish(v.string()),
    Volumes: v.nullish(v.pipe(jsonObject, v.record(v.string(), v.unknown()))),
  }),
);

const document = v.object({
  os: v.nullish(v.string()),
  architecture: v.nullish(v.string()),
  config: v.nullish(containerConfig),
  rootfs: v.object({
    type: v.literal("layers"),
    diff_ids: v.nullish(v.array(v.pipe(v.string(), v.check(isSupportedDigest, "not a complete digest")))),
  }),
});

/** The configuration of one image, as far as it is used. */
export interface ParsedConfig {
  readonly config: ImageConfig;
  /** Such as `linux`; undefined where the image does not say. */
  readonly os: string | undefined;
  /** Such as `amd64`; undefined where the image does not say. */
  readonly architecture: string | undefined;
  /** Digests of the uncompressed layers, oldest first. */
  readonly diffIds: readonly string[];
}

/**
 * Parses an image configuration. `null` means absent; members that are not used are not looked at.
 *
 * @param what named in messages, such as `configuration of "nginx"`
 * @throws ContrastError `oci/config-invalid`
 * @see OCI image specification v1.1, config.md
 */
export function parseConfig(bytes: Uint8Array, what: string): ParsedConfig {
  const { config, os, architecture, rootfs } = checkDocument(bytes, what);
  const { User, Tty, Env, Cmd, Entrypoint, WorkingDir, Volumes } = config ?? {};
  return {
    config: {
      ...(typeof User === "string" ? { User } : {}),
      ...(typeof Tty === "boolean" ? { Tty } : {}),
      ...(Array.isArray(Env) ? { Env } : {}),
      ...(Array.isArray(Cmd) ? { Cmd } : {}),
      ...(Array.isArray(Entrypoint) ? { Entrypoint } : {}),
      ...(typeof WorkingDir === "string" ? { WorkingDir } : {}),
      ...(Volumes === undefined || Volumes === null ? {} : { Volumes: Object.keys(Volumes).toSorted() }),
    },
    os: os ?? undefined,
    architecture: architecture ?? undefined,
    diffIds: rootfs.diff_ids ?? [],
  };
}

function checkDocument(bytes: Uint8Array, what: string): v.InferOutput<typeof document> {
  let value;
  try {
    value = parseJson(decodeUtf8(bytes, what), what, { maxBytes: MAX_CONFIG_BYTES, maxDepth: 32 });
  } catch (error) {
    throw new ContrastError("oci/config-invalid", messageOf(error), { cause: error });
  }
  return checkShape(document, value, "oci/config-invalid", what);
}
