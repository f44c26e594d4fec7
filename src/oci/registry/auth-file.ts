import * as v from "valibot";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { parseJson } from "../../lib/json.ts";
import { jsonObject } from "../json-object.ts";

/** How to prove who is asking. */
export type Credentials =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** Traded for an access token at the registry's token service. */
  | { readonly kind: "identity-token"; readonly token: string }
  /** Sent to the registry as it is. */
  | { readonly kind: "registry-token"; readonly token: string };

/** A file in the format of Docker's `config.json` and of Podman's `auth.json`. */
export interface AuthFile {
  /** Keys as written: `https://index.docker.io/v1/`, `registry.example:5000`, `registry.example/group`. */
  readonly auths: ReadonlyMap<string, Credentials>;
  /** Registry host to the name of a credential helper. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** Helper for every other registry. */
  readonly credsStore: string | undefined;
}

const helperName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, "not the name of a credential helper"));

const entry = v.pipe(
  jsonObject,
  v.object({
    auth: v.nullish(v.string()),
    username: v.nullish(v.string()),
    password: v.nullish(v.string()),
    identitytoken: v.nullish(v.string()),
    registrytoken: v.nullish(v.string()),
  }),
);

const file = v.pipe(
  jsonObject,
  v.object({
    auths: v.nullish(v.pipe(jsonObject, v.record(v.string(), v.nullish(entry)))),
    credHelpers: v.nullish(v.pipe(jsonObject, v.record(v.string(), helperName))),
    credsStore: v.nullish(v.union([v.literal(""), helperName])),
  }),
);

/** Largest file with registry credentials. */
export const MAX_AUTH_FILE_BYTES = 1024 * 1024;

/**
 * Parses a file with registry credentials. Entries without content, as `docker login` leaves them beside a credential
 * store, are dropped. Messages never quote the content.
 *
 * @param path named in messages
 * @throws ContrastError `oci/auth-file-invalid`
 */
export function parseAuthFile(text: string, path: string): AuthFile {
  const refuse = (fact: string): ContrastError =>
    new ContrastError("oci/auth-file-invalid", `Cannot read registry credentials "${path}": ${fact}`, {
      details: { path },
    });
  let json;
  try {
    json = parseJson(text, "file", { maxBytes: MAX_AUTH_FILE_BYTES, maxDepth: 32 });
  } catch (error) {
    // The parser's own message may quote a password.
    throw refuse(messageOf(error).includes("not JSON") ? "it is not JSON" : "it is too large or too deep");
  }
  const result = v.safeParse(file, json);
  if (!result.success) throw refuse(`unexpected value at "${v.getDotPath(result.issues[0]) ?? "root"}"`);
  const { auths, credHelpers, credsStore } = result.output;
  const known = new Map<string, Credentials>();
  for (const [key, stored] of Object.entries(auths ?? {})) {
    const credentials = stored === undefined || stored === null ? undefined : credentialsOf(stored);
    if (credentials === "malformed") throw refuse(`the entry "${key}" is not base64 of "user:password"`);
    if (credentials !== undefined) known.set(key, credentials);
  }
  return {
    auths: known,
    credHelpers: new Map(Object.entries(credHelpers ?? {})),
    credsStore: credsStore === "" || credsStore === null ? undefined : credsStore,
  };
}

function credentialsOf(stored: v.InferOutput<typeof entry>): Credentials | "malformed" | undefined {
  const { auth, username, password, identitytoken, registrytoken } = stored;
  if (isFilled(registrytoken)) return { kind: "registry-token", token: registrytoken };
  if (isFilled(identitytoken)) return { kind: "identity-token", token: identitytoken };
  if (isFilled(auth)) {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(auth)) return "malformed";
    const decoded = new TextDecoder().decode(
      Uint8Array.fromBase64(auth.replace(/=+$/, ""), { lastChunkHandling: "loose" }),
    );
    const colon = decoded.indexOf(":");
    if (colon < 1) return "malformed";
    // Old versions of Docker padded the text with zero bytes.
    const secret = decoded.slice(colon + 1).replace(/\0+$/, "");
    return { kind: "password", username: decoded.slice(0, colon), password: secret };
  }
  return isFilled(username) ? { kind: "password", username, password: password ?? "" } : undefined;
}

function isFilled(text: string | null | undefined): text is string {
  return text !== undefined && text !== null && text !== "";
}
