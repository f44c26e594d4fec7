import { ContrastError, messageOf } from "../lib/errors.ts";

/**
 * Reads standard input to its end.
 *
 * @param maxBytes more than this is refused without reading on
 * @throws ContrastError `cli/input-failed`
 */
export async function readStandardInput(maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of Bun.stdin.stream()) {
      size += chunk.length;
      if (size > maxBytes) {
        throw new ContrastError("cli/input-failed", `Cannot read standard input: more than ${maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ContrastError) throw error;
    throw new ContrastError("cli/input-failed", `Cannot read standard input: ${messageOf(error)}`, { cause: error });
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
