import { PLATFORMS } from "../../src/manifest/platforms.ts";
import type { ValueMap } from "../../src/kubernetes/value.ts";
import type { Io } from "../../src/terminal/io.ts";
import { callCommand } from "./call-command.ts";
import { recordIo } from "./recorded-io.ts";

/** What `contrast resources` prints with these words. */
export async function printedResources(words: readonly string[], change: Partial<Io> = {}): Promise<string> {
  const io = recordIo(change);
  await callCommand(["resources", ...words], io);
  return io.printed.join("");
}

/** The List that `contrast resources --format json` prints with these words. */
export async function listedResources(words: readonly string[]): Promise<{ readonly items: readonly ValueMap[] }> {
  return JSON.parse(await printedResources(words, { format: "json" }));
}

/** The words of a call for everything that the command can print, by the names of files. */
export const ALL_RESOURCES: Readonly<Record<string, readonly string[]>> = Object.fromEntries([
  ...PLATFORMS.flatMap(({ name }) => [
    [`runtime-${name}.yaml`, ["runtime", "--platform", name]],
    [`coordinator-${name}.yaml`, ["coordinator", "--platform", name]],
  ]),
  ["runtime-selector.yaml", ["runtime", "--platform", "aks-clh-snp", "--node-selector", "example.com/tee=snp"]],
  ["coordinator-node-port.yaml", ["coordinator", "--platform", "k3s-qemu-snp", "--service-type", "NodePort"]],
  ["port-forwarder.yaml", ["port-forwarder"]],
]);
