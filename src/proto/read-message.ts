import { type DescField, type DescMessage, fromBinary, type MessageShape, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { ContrastError } from "../lib/errors.ts";

/** Far more than the messages of this room have. */
const MAX_DEPTH = 16;

/** The form in which each type that our messages have stands on the wire. */
const WIRE_TYPES: ReadonlyMap<ScalarType, WireType> = new Map([
  [ScalarType.UINT32, WireType.Varint],
  [ScalarType.UINT64, WireType.Varint],
  [ScalarType.INT32, WireType.Varint],
  [ScalarType.BOOL, WireType.Varint],
  [ScalarType.BYTES, WireType.LengthDelimited],
  [ScalarType.STRING, WireType.LengthDelimited],
]);

/**
 * Reads a message of foreign bytes. Every field must end inside the message that it stands in, and have the form of its
 * type: the library alone lets a field of an inner message read on behind it, and reads a number where other readers see
 * an unknown field.
 *
 * @param bytes not modified; fields of the message share their memory
 * @returns the message without the fields that its description does not know
 * @throws ContrastError `proto/message-invalid`
 * @see protobuf.dev, Encoding
 */
export function readMessage<Desc extends DescMessage>(description: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    checkForm(description.name, description.fields, bytes, 0);
    return fromBinary(description, bytes, { readUnknownFields: false });
  } catch (error) {
    if (error instanceof ContrastError) throw error;
    throw invalid(description.name, "its fields cannot be told apart", error);
  }
}

/** @param fields of the message; none of a map's entry, whose key and value are no messages here */
function checkForm(name: string, fields: readonly DescField[], bytes: Uint8Array, depth: number): void {
  if (depth > MAX_DEPTH) throw invalid(name, `got more than ${MAX_DEPTH} messages inside each other`);
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const field = fields.find((one) => one.number === number);
    if (field !== undefined && wireTypeOf(field) !== wireType) throw invalid(name, `field ${number} has another type`);
    const inner = field && innerFields(field);
    if (inner === undefined) reader.skip(wireType, number);
    else checkForm(name, inner, reader.bytes(), depth + 1);
  }
}

function wireTypeOf(field: DescField): WireType | undefined {
  if (field.fieldKind === "map" || field.message !== undefined) return WireType.LengthDelimited;
  return field.scalar === undefined ? undefined : WIRE_TYPES.get(field.scalar);
}

/** The fields of what a field holds; undefined for bytes, texts and packed numbers. */
function innerFields(field: DescField): readonly DescField[] | undefined {
  if (field.fieldKind === "map") return [];
  return field.message?.fields;
}

function invalid(name: string, fact: string, cause?: unknown): ContrastError {
  return new ContrastError("proto/message-invalid", `Cannot read message ${name}: ${fact}`, { cause });
}
