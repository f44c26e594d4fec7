import { joinBytes } from "../../../lib/byte-stream.ts";
import { type ClientHello, helloInvalid, parseClientHello } from "./client-hello.ts";

/** No client sends so much; TLS itself takes no larger one. */
export const MAX_HELLO_BYTES = 16 * 1024;

const RECORD_HEADER_BYTES = 5;
const HANDSHAKE_RECORD = 22;
const TLS_MAJOR_VERSION = 3;
const MESSAGE_HEADER_BYTES = 4;
const CLIENT_HELLO = 1;

/** Room for the usual ClientHello; it doubles where that is too little. */
const FIRST_CAPACITY = 1024;

/**
 * Puts a ClientHello together from the pieces in which it arrives. It may be spread over records, and records over
 * pieces; what is no ClientHello is refused with the first byte that shows it.
 */
export class HelloReader {
  #buffer = new Uint8Array(FIRST_CAPACITY);
  #length = 0;
  /** Where the record starts that is not whole yet. */
  #recordAt = 0;
  /** Content of the whole records. */
  #message: Uint8Array = new Uint8Array();

  /** All that was received, for TLS to read again. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /**
   * Takes what was received next.
   *
   * @returns undefined while bytes are missing
   * @throws ContrastError `atls/hello-invalid`, also for more than 16 KiB
   */
  push(piece: Uint8Array): ClientHello | undefined {
    this.#append(piece);
    for (;;) {
      const record = this.bytes.subarray(this.#recordAt);
      const [type = HANDSHAKE_RECORD, major = TLS_MAJOR_VERSION, , high = 0, low = 0] = record;
      if (type !== HANDSHAKE_RECORD || major !== TLS_MAJOR_VERSION) throw helloInvalid("the client does not speak TLS");
      if (record.length < RECORD_HEADER_BYTES) return undefined;
      const end = RECORD_HEADER_BYTES + high * 256 + low;
      if (end === RECORD_HEADER_BYTES) throw helloInvalid("a record is empty");
      if (record.length < end) return undefined;
      this.#message = joinBytes([this.#message, record.subarray(RECORD_HEADER_BYTES, end)]);
      this.#recordAt += end;
      const hello = this.#parse();
      if (hello !== undefined) return hello;
    }
  }

  #append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > MAX_HELLO_BYTES) throw helloInvalid(`more than ${MAX_HELLO_BYTES} bytes came`);
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.min(MAX_HELLO_BYTES, Math.max(length, this.#buffer.length * 2)));
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }

  #parse(): ClientHello | undefined {
    const [type, high = 0, middle = 0, low = 0] = this.#message;
    if (type !== CLIENT_HELLO) throw helloInvalid("another message comes first");
    if (this.#message.length < MESSAGE_HEADER_BYTES) return undefined;
    const length = high * 65_536 + middle * 256 + low;
    if (length > MAX_HELLO_BYTES) throw helloInvalid(`it announces ${length} bytes`);
    const missing = MESSAGE_HEADER_BYTES + length - this.#message.length;
    if (missing > 0) return undefined;
    if (missing < 0) throw helloInvalid("another message follows in its record");
    return parseClientHello(this.#message.subarray(MESSAGE_HEADER_BYTES));
  }
}
