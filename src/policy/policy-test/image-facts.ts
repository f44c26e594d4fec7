import * as v from "valibot";
import { renderPath } from "../../kubernetes/path.ts";
import { sha256Digest } from "../../lib/digest.ts";
import { ContrastError } from "../../lib/errors.ts";
import { parseJson } from "../../lib/json.ts";
import type { Image, ImageConfig, ImageProvider } from "../../oci/image.ts";
import { parseReference } from "../../oci/reference.ts";

const strings = v.nullish(v.array(v.string()));

/** `v.record` alone takes a list for an object. */
const notList = v.check<unknown, string>((value) => !Array.isArray(value), "got a list, need an object");

const factSchema = v.strictObject({
  config: v.strictObject({
    User: v.optional(v.string()),
    Tty: v.optional(v.boolean()),
    Env: strings,
    Cmd: strings,
    Entrypoint: strings,
    WorkingDir: v.optional(v.string()),
    Volumes: v.nullish(v.pipe(v.unknown(), notList, v.record(v.string(), v.unknown()))),
  }),
  passwd: v.optional(v.string()),
  group: v.optional(v.string()),
  layers: v.optional(
    v.array(
      v.strictObject({
        diffId: v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/)),
        rootHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      }),
    ),
  ),
});

const factsSchema = v.pipe(v.unknown(), notList, v.record(v.string(), factSchema));

/**
 * Reads what is known of images that cannot be had.
 *
 *     {"<reference as in the YAML>": {"config": {…image configuration…}, "passwd": "…", "group": "…",
 *      "layers": [{"diffId": "sha256:…", "rootHash": "…"}]}}
 *
 * Layers are only needed for settings that verify images by root hashes.
 *
 * @returns a provider that knows exactly these references; others fail with `policy/image-facts-missing`
 * @throws ContrastError `policy/image-facts-invalid`, `lib/json-invalid`
 */
export function parseImageFacts(text: string, file: string): ImageProvider {
  const result = v.safeParse(factsSchema, parseJson(text, `image facts "${file}"`));
  if (!result.success) {
    const [issue] = result.issues;
    const path = renderPath((issue.path ?? []).map(({ key }) => String(key)));
    throw new ContrastError(
      "policy/image-facts-invalid",
      `Cannot read image facts "${file}": ${path}: ${issue.message}`,
    );
  }
  const images = new Map(
    Object.entries(result.output).map(([reference, fact]) => [reference, imageOf(reference, fact)]),
  );
  return {
    image: async (reference) => {
      const image = images.get(reference);
      if (image !== undefined) return image;
      throw new ContrastError("policy/image-facts-missing", `Cannot find image "${reference}": not in "${file}"`);
    },
  };
}

function imageOf(reference: string, fact: v.InferOutput<typeof factSchema>): Image {
  const { User, Tty, Env, Cmd, Entrypoint, WorkingDir, Volumes } = fact.config;
  const config: ImageConfig = {
    ...(User === undefined ? {} : { User }),
    ...(Tty === undefined ? {} : { Tty }),
    ...(Env === undefined || Env === null ? {} : { Env }),
    ...(Cmd === undefined || Cmd === null ? {} : { Cmd }),
    ...(Entrypoint === undefined || Entrypoint === null ? {} : { Entrypoint }),
    ...(WorkingDir === undefined ? {} : { WorkingDir }),
    ...(Volumes === undefined || Volumes === null ? {} : { Volumes: Object.keys(Volumes).toSorted() }),
  };
  const accounts = { passwd: fact.passwd, group: fact.group };
  // Facts hold no manifest; the digest of the reference, or of the facts themselves, stands for one.
  const digest = parseReference(reference).digest ?? sha256Digest(JSON.stringify(fact));
  return {
    reference,
    digest,
    digestOrigin: "image-id",
    manifestDigest: digest,
    config,
    accounts: async () => accounts,
    layerHashes: async () => {
      if (fact.layers !== undefined)
        return fact.layers.map(({ diffId, rootHash }) => ({ diffId, rootHashHex: rootHash }));
      throw new ContrastError(
        "policy/image-facts-missing",
        `Cannot find the layers of image "${reference}": not in the facts`,
      );
    },
  };
}
