/**
 * A program that sets so many manifests in a history: what a Coordinator does, without the network.
 * Usage: history-writer DIRECTORY NAME COUNT. Prints the name of each manifest when it is acknowledged; ends with the
 * code of an error.
 */
import { openHistory } from "../../src/coordinator/history/history.ts";
import { nodeDisk } from "../../src/lib/disk.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { setManifest } from "./history-scenario.ts";

const [, , directory = "", name = "", count = "0"] = process.argv;

async function setNext(index: number): Promise<boolean> {
  try {
    const history = await openHistory(directory, nodeDisk);
    await setManifest(history, await history.latest(), `${name}-${index}`);
    process.stdout.write(`${name}-${index}\n`);
    return true;
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    if (error.code === "coordinator/history-changed") return false;
    process.stdout.write(`${error.code} ${error.details["cause"]}\n`);
    return process.exit(1);
  }
}

for (let index = 0; index < Number(count);) {
  if (await setNext(index)) index++;
}
