import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type ContextKey, createContextKey } from "@connectrpc/connect";

/** An answer that many clients get: it is encoded once, and all of them are sent the same bytes in memory. */
export class PreparedAnswer {
  /** The five bytes that gRPC puts before a message, and the message. */
  readonly pieces: readonly Uint8Array[];

  /** @param message encoded; any number of pieces, which are not copied */
  constructor(message: readonly Uint8Array[]) {
    const header = new Uint8Array(HEADER_BYTES);
    const length = message.reduce((sum, piece) => sum + piece.length, 0);
    new DataView(header.buffer).setUint32(1, length);
    this.pieces = [header, ...message];
  }
}

/** No compression, and the length of the message. */
const HEADER_BYTES = 5;

/**
 * Encodes an answer.
 *
 * @param content the fields that are small
 * @param large put before them; their bytes are not copied
 */
export function prepareAnswer<Message extends DescMessage>(
  schema: Message,
  content: MessageInitShape<Message>,
  large: readonly LargeField[] = [],
): PreparedAnswer {
  const fields = large.flatMap(({ number, bytes }) => [fieldHeader(number, bytes.length), bytes]);
  return new PreparedAnswer([...fields, toBinary(schema, create(schema, content))]);
}

/** A field of bytes, or one item of a field that repeats. */
export interface LargeField {
  /** Its number in the descriptor. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** @see Protocol Buffers, Encoding, "Length-Delimited Records" */
function fieldHeader(number: number, length: number): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish();
}

/** Where the handler of a call leaves a prepared answer; what it answers itself is then empty. */
export interface AnswerSlot {
  prepared: PreparedAnswer | undefined;
}

/** Of each call. */
export const ANSWER_SLOT: ContextKey<AnswerSlot | undefined> = createContextKey<AnswerSlot | undefined>(undefined);
