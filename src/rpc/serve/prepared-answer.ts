import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type ContextKey, createContextKey } from "@connectrpc/connect";

/** An answer that many clients get: it is encoded once, and all of them are sent the same bytes in memory. */
export class PreparedAnswer {
  /** The message behind the five bytes that gRPC puts before it. */
  readonly frame: Uint8Array;

  /** @param message encoded */
  constructor(message: Uint8Array) {
    this.frame = new Uint8Array(HEADER_BYTES + message.length);
    new DataView(this.frame.buffer).setUint32(1, message.length);
    this.frame.set(message, HEADER_BYTES);
  }
}

/** No compression, and the length of the message. */
const HEADER_BYTES = 5;

/** Encodes an answer. */
export function prepareAnswer<Message extends DescMessage>(
  schema: Message,
  content: MessageInitShape<Message>,
): PreparedAnswer {
  return new PreparedAnswer(toBinary(schema, create(schema, content)));
}

/** Where the handler of a call leaves a prepared answer; what it answers itself is then empty. */
export interface AnswerSlot {
  prepared: PreparedAnswer | undefined;
}

/** Of each call. */
export const ANSWER_SLOT: ContextKey<AnswerSlot | undefined> = createContextKey<AnswerSlot | undefined>(undefined);
