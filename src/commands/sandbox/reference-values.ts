import { encodeReferenceValuesByHandler, parseReferenceValuesByHandler } from "../../manifest/manifest-json.ts";
import { embeddedReferenceValues } from "../../manifest/reference-values-table.ts";
import { parseRuntimeHandler } from "../../manifest/runtime-handler.ts";
import { simulatedReferenceValues } from "../../simulator/simulated-reference-values.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";

/**
 * `contrast sandbox reference-values`: a table for `generate --reference-values-file`, by which guests of a sandbox are
 * trusted on every platform. It is JSON in every format.
 */
export const referenceValuesCommand: CommandImplementation = {
  async run(_call, io) {
    const handlers = [...embeddedReferenceValues().keys()];
    const table = Object.fromEntries(
      handlers.map((handler) => [
        handler,
        simulatedReferenceValues(parseRuntimeHandler(handler).platform.tee, io.now()),
      ]),
    );
    const bytes = new TextEncoder().encode(JSON.stringify(table));
    io.out(encodeReferenceValuesByHandler(parseReferenceValuesByHandler(bytes, "simulated values")).trimEnd());
  },
};
