import { createLzmaModels } from "./lzma-models.ts";
import { LzmaStream } from "./lzma-stream.ts";

const HEADER_BYTES = 13;

/** States of the coder up to here stand for literals. */
const LITERAL_STATES = 7;
const MAX_PROPERTIES = 9 * 5 * 5;

/**
 * Unpacks the format of `lzma` files (also called LZMA alone), as firmware holds its drivers.
 *
 *     offset  size  field
 *          0     1  (pb * 5 + lp) * 9 + lc
 *          1     4  size of the dictionary, ignored: all of the output serves as dictionary
 *          5     8  size of the output, little-endian
 *
 * @param maxBytes what the output may be long
 * @returns `undefined` for damaged data, or where the output would be longer
 * @see LZMA SDK, `lzma-specification.txt`
 */
export function unpackLzma(data: Uint8Array, maxBytes: number): Uint8Array | undefined {
  if (data.length < HEADER_BYTES) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const properties = view.getUint8(0);
  const size = Number(view.getBigUint64(5, true));
  if (properties >= MAX_PROPERTIES || size > maxBytes) return undefined;
  const output = new Uint8Array(size);
  const stream = new LzmaStream(data, HEADER_BYTES);
  return decode(stream, output, properties) && !stream.isExhausted ? output : undefined;
}

function decode(stream: LzmaStream, output: Uint8Array, properties: number): boolean {
  const lc = properties % 9;
  const lp = Math.trunc(properties / 9) % 5;
  const pb = Math.trunc(properties / 45);
  const models = createLzmaModels(lc + lp);
  const distances = [0, 0, 0, 0];
  let state = 0;
  let at = 0;
  while (at < output.length) {
    // Refused at the end as well, but the zeros behind a short stream may stand for much output.
    if (stream.isExhausted) return false;
    const position = at & ((1 << pb) - 1);
    if (stream.bit(models.isMatch, state * 16 + position) === 0) {
      const previous = at === 0 ? 0 : (output[at - 1] ?? 0);
      const context = ((at & ((1 << lp) - 1)) << lc) + (previous >> (8 - lc));
      const matched = state >= LITERAL_STATES ? output[at - (distances[0] ?? 0) - 1] : undefined;
      output[at] = stream.literal(models.literals, 0x300 * context, matched);
      at += 1;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let length = 0;
    if (stream.bit(models.isRepeat, state) === 0) {
      length = stream.length(models.matchLength, position);
      distances.unshift(stream.distance(models, length));
      distances.pop();
      state = state < LITERAL_STATES ? 7 : 10;
    } else {
      if (stream.bit(models.isRepeat0, state) === 0) {
        if (stream.bit(models.isRepeat0Long, state * 16 + position) === 0) length = 1;
      } else {
        const which = stream.bit(models.isRepeat1, state) === 0 ? 1 : 2 + stream.bit(models.isRepeat2, state);
        distances.unshift(...distances.splice(which, 1));
      }
      state = length === 1 ? (state < LITERAL_STATES ? 9 : 11) : state < LITERAL_STATES ? 8 : 11;
      if (length === 0) length = stream.length(models.repeatLength, position);
    }
    const from = at - (distances[0] ?? 0) - 1;
    // A distance behind the start also catches the mark for the end, which stands only where the size is not known.
    if (from < 0 || at + length > output.length) return false;
    // Byte by byte: a match may overlap what it writes.
    for (let index = 0; index < length; index += 1) output[at + index] = output[from + index] ?? 0;
    at += length;
  }
  return true;
}
