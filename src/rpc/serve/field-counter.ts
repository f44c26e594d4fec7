/** Before each message: a flag, and four bytes of length. */
const FRAME_HEADER_BYTES = 5;

const WIRE_TYPE = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

/**
 * Counts the fields of the protobuf messages of a request while it is received. A field takes two bytes on the wire and some hundred in
 * memory, so that the size of a message alone does not bound what reading it costs.
 *
 * What is no message is not judged: whoever reads it refuses it. Fields of nested messages are not counted; no request
 * has any.
 *
 * @see Protocol Buffers, Encoding
 */
export class FieldCounter {
  readonly #max: number;
  #count = 0;
  /** Of the header of a frame. */
  #headerBytes = 0;
  #messageBytes = 0;
  /** Bytes of a field's value that are passed over. */
  #skip = 0;
  #state: "tag" | "value" | "length" = "tag";
  /** The lower 32 bits of the number that is being read: readers take no more of tags and lengths. */
  #number = 0;
  #shift = 0;

  /** @param max most fields that are let pass */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Takes the next bytes of a request.
   *
   * @returns whether there are no more fields than allowed
   */
  push(piece: Uint8Array): boolean {
    let at = 0;
    while (at < piece.length) {
      if (this.#headerBytes < FRAME_HEADER_BYTES) {
        this.#takeHeader(piece[at] ?? 0);
        at++;
      } else if (this.#messageBytes === 0) {
        this.#headerBytes = 0;
      } else {
        const passed = Math.max(1, Math.min(this.#skip, this.#messageBytes, piece.length - at));
        if (this.#skip > 0) this.#skip -= passed;
        else this.#take(piece[at] ?? 0);
        this.#messageBytes -= passed;
        at += passed;
        if (this.#count > this.#max) return false;
      }
    }
    return true;
  }

  #takeHeader(byte: number): void {
    // The flag comes first.
    this.#messageBytes = this.#headerBytes === 0 ? 0 : this.#messageBytes * 256 + byte;
    this.#headerBytes++;
    this.#pass(0);
    this.#number = 0;
    this.#shift = 0;
  }

  #take(byte: number): void {
    if (this.#shift < 32) this.#number = (this.#number | ((byte & 0x7f) << this.#shift)) >>> 0;
    this.#shift += 7;
    if (byte >= 0x80) return;
    const value = this.#number;
    this.#number = 0;
    this.#shift = 0;
    if (this.#state === "tag") this.#begin(value % 8);
    else if (this.#state === "length") this.#pass(value);
    else this.#state = "tag";
  }

  #begin(wireType: number): void {
    this.#count++;
    if (wireType === WIRE_TYPE.varint) this.#state = "value";
    else if (wireType === WIRE_TYPE.lengthDelimited) this.#state = "length";
    else if (wireType === WIRE_TYPE.fixed64) this.#pass(8);
    else if (wireType === WIRE_TYPE.fixed32) this.#pass(4);
  }

  #pass(bytes: number): void {
    this.#skip = bytes;
    this.#state = "tag";
  }
}
