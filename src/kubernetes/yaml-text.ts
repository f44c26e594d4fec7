import type { Problem } from "../lib/problems.ts";
import { LinePositions } from "./line-positions.ts";

/** Receives one finding about the input. */
export type Report = (problem: Problem) => void;

/**
 * Characters that no manifest needs: the Kubernetes reader refuses control characters, and readers of YAML disagree on
 * whether a lone carriage return, U+0085, U+2028 and U+2029 end a line, so a text with them has no single meaning.
 */
const REFUSED = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)/g;

/**
 * Finds the first character that a YAML text must not hold.
 *
 * @returns its offset, or -1
 */
export function findRefusedCharacter(text: string): number {
  REFUSED.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  return REFUSED.exec(text)?.index ?? -1;
}

/**
 * Decodes the bytes of a YAML file; anything but UTF-8 is reported with its place.
 *
 * @returns undefined when reported
 */
export function decodeYaml(bytes: Uint8Array, file: string, report: Report): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const lenient = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const offset = firstReplacement(lenient, bytes);
    report({
      code: "kubernetes/yaml-encoding",
      message: "not valid UTF-8",
      hint: "Save the file as UTF-8.",
      file,
      ...new LinePositions(lenient).position(offset),
    });
    return undefined;
  }
}

/** Offset of the first replacement character that is not written as such in the file. */
function firstReplacement(lenient: string, bytes: Uint8Array): number {
  const encoder = new TextEncoder();
  let offset = 0;
  let byte = 0;
  for (const part of lenient.split("\uFFFD")) {
    offset += part.length;
    byte += encoder.encode(part).length;
    if (bytes[byte] !== 0xef || bytes[byte + 1] !== 0xbf || bytes[byte + 2] !== 0xbd) return offset;
    offset += 1;
    byte += 3;
  }
  return offset;
}
