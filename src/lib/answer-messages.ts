import { parentPort } from "node:worker_threads";

/**
 * The other side of `startWorker()`: answers each message of the program with one message.
 *
 * @param answer returns the reply and the buffers that change their owner with it
 */
export function answerMessages(
  answer: (data: unknown) => { readonly reply: unknown; readonly transfer: readonly ArrayBuffer[] },
): void {
  parentPort?.on("message", (data: unknown) => {
    const { reply, transfer } = answer(data);
    parentPort?.postMessage(reply, [...transfer]);
  });
}
