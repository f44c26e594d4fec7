// Entry of a thread that hashes chunks; started by chunk-pool.ts.
import { answerMessages } from "../../lib/answer-messages.ts";
import { hashChunk } from "./hash-chunk.ts";
import { parseChunkJob } from "./chunk-message.ts";

answerMessages((data) => {
  const { buffer, blockCount } = parseChunkJob(data);
  const digest = hashChunk(new Uint8Array(buffer), blockCount);
  return { reply: { buffer, digest }, transfer: [buffer] };
});
