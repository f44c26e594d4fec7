import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Compression } from "@connectrpc/connect/protocol";
import { ContrastError } from "../lib/errors.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** No Coordinator is known that compresses its answers, so that this is for smaller ones than those that it does not. */
const MAX_EXPANDED_BYTES = 64 * 1024 * 1024;

/** gzip for messages; what would expand beyond the reader's limit is not expanded. */
export const GZIP: Compression = {
  name: "gzip",
  compress: async (bytes) => new Uint8Array(await compress(bytes)),
  decompress: async (bytes, readMaxBytes) => {
    if (bytes.length === 0) return new Uint8Array();
    const maxOutputLength = Math.min(readMaxBytes, MAX_EXPANDED_BYTES);
    try {
      return new Uint8Array(await decompress(bytes, { maxOutputLength }));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
        const fact = `it expands to more than ${maxOutputLength} bytes`;
        throw new ContrastError("rpc/answer-too-large", `Cannot read the answer: ${fact}`, { cause: error });
      }
      throw new ContrastError("rpc/answer-invalid", "Cannot read the answer: it is damaged gzip", { cause: error });
    }
  },
};
