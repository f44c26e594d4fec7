import { inflateSync } from "node:zlib";

/**
 * How many pixels each colour has in a screenshot (PNG of 8 bits, RGB or RGBA, as Chromium writes them).
 *
 * @returns counts by `r,g,b`
 */
export function pngColours(png: Uint8Array): ReadonlyMap<string, number> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const packed: Uint8Array[] = [];
  let width = 0;
  let channels = 4;
  for (let offset = 8; offset < png.length;) {
    const length = view.getUint32(offset);
    const type = String.fromCharCode(...png.subarray(offset + 4, offset + 8));
    if (type === "IHDR") {
      width = view.getUint32(offset + 8);
      channels = png[offset + 17] === 2 ? 3 : 4;
    }
    if (type === "IDAT") packed.push(png.subarray(offset + 8, offset + 8 + length));
    offset += length + 12;
  }
  const raw = inflateSync(Buffer.concat(packed));
  const stride = width * channels;
  const counts = new Map<string, number>();
  let above = new Uint8Array(stride);
  for (let start = 0; start < raw.length; start += stride + 1) {
    const row = unfilter(raw[start] ?? 0, raw.subarray(start + 1, start + 1 + stride), above, channels);
    for (let at = 0; at < stride; at += channels) {
      const colour = `${row[at]},${row[at + 1]},${row[at + 2]}`;
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    above = row;
  }
  return counts;
}

function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): Uint8Array<ArrayBuffer> {
  const row = new Uint8Array(line.length);
  for (let at = 0; at < line.length; at++) {
    const left = at < step ? 0 : row[at - step]!;
    const up = above[at]!;
    const corner = at < step ? 0 : above[at - step]!;
    row[at] = line[at]! + [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
  }
  return row;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
