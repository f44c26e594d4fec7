import { decodeBase64, encodeBase64 } from "../base64.ts";
import type { Codec } from "./go-json-codec.ts";
import { wrongType } from "./go-json-codec.ts";

/** A Go `[]byte`: standard base64 with padding, line breaks skipped; `null` is no bytes. */
export const goBytes: Codec<Uint8Array> = {
  zero: new Uint8Array(),
  decode(node, current, path, problems) {
    if (node.kind === "null") return new Uint8Array();
    if (node.kind !== "string") return (wrongType(problems, path, node, "standard base64"), current);
    const bytes = decodeBase64(node.value);
    if (bytes !== undefined) return bytes;
    problems.error({ code: "lib/json-wrong-type", path, message: "got other text, need standard base64" });
    return current;
  },
  encode: (value) => ({ kind: "string", value: encodeBase64(value) }),
  isEmpty: (value) => value.length === 0,
};
