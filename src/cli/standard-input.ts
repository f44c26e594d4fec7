import { joinBytes } from "../lib/byte-stream.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";

/**
 * Reads standard input to its end.
 *
 * @param maxBytes more than this is refused without reading on
 * @param signal stops the reading; its reason is thrown
 * @throws ContrastError `cli/input-failed`
 */
export async function readStandardInput(maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    const reader = Bun.stdin.stream().getReader();
    const cancel = (): void => void reader.cancel().catch(() => {});
    signal.addEventListener("abort", cancel, { once: true });
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      sizeBytes += next.value.length;
      if (sizeBytes > maxBytes) {
        cancel();
        throw new ContrastError("cli/input-failed", `Cannot read standard input: more than ${maxBytes} bytes`);
      }
      chunks.push(next.value);
    }
  } catch (error) {
    if (error instanceof ContrastError) throw error;
    throw new ContrastError("cli/input-failed", `Cannot read standard input: ${messageOf(error)}`, { cause: error });
  }
  signal.throwIfAborted();
  return joinBytes(chunks);
}
