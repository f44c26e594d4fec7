import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { COLLATERAL_FLAGS } from "../collateral-flags.ts";
import { COORDINATOR_FLAG, MANIFEST_FLAG } from "../coordinator-flags.ts";

/** `contrast manifest observe`: the values of a machine, in place of entering 255 and reading the error. */
export const manifestObserveDefinition: CommandDefinition = {
  name: "observe",
  summary: "Show what a Coordinator's machine states, and fill empty reference values with it",
  description: [
    "Asks the Coordinator for fresh evidence, verifies that it is of genuine hardware, and shows the security versions and measurements of the machine beside what the manifest expects. Nothing is set at the Coordinator.",
    "With --write, values of the manifest that are still empty (the minimum TCB of SEV-SNP; MinimumTeeTcbSvn and MrSeam of TDX) are filled with those of the machine, if its evidence could be verified completely. Values that are there stay. This is trust on first use: the machine itself says what to expect of it, so compare the values with those of your hardware's operator.",
    "Launch measurements are never filled in, also not in place of a placeholder: whether the right guest runs there is what attestation has to find out. They come with the release that built the guest image, or from contrast measure, which computes them from its files.",
  ].join("\n\n"),
  examples: [
    { comment: "What does the machine state?", command: "contrast manifest observe -c localhost:1313" },
    {
      comment: "Fill what generate left empty",
      command: "contrast manifest observe -c localhost:1313 --write",
    },
  ],
  flags: [
    COORDINATOR_FLAG,
    { ...MANIFEST_FLAG, summary: "Manifest to compare with and to complete" },
    { name: "write", type: "boolean", summary: "Fill empty reference values of the manifest" },
    { name: "no-revocation", type: "boolean", summary: "Do without revocation lists; the verdict says so" },
    ...COLLATERAL_FLAGS,
  ],
  load: async () => (await import("./manifest-observe.ts")).manifestObserveCommand,
};
