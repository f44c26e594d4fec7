import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { COLLATERAL_FLAGS } from "../collateral-flags.ts";
import { ACCEPT_EXPIRED_FLAG } from "../expired-collateral.ts";
import { COORDINATOR_FLAG, MANIFEST_FLAG, POLICY_HASH_FLAG } from "../coordinator-flags.ts";

/** `contrast verify`: proves to a data owner what runs. */
export const verifyDefinition: CommandDefinition = {
  name: "verify",
  summary: "Attest the Coordinator and compare its manifest with the expected one",
  description: [
    "Attests the Coordinator by the reference values of the given manifest, downloads its manifest history, policies and CA certificates to verify/, and compares the active manifest with the given one, byte for byte. The files stay when the manifests differ, so that they can be compared.",
    "With --save the evidence, everything that it was judged with, and everything that was downloaded become one file. With --bundle such a file is checked again without any network, by the same rules and with the same result. A saved verification shows that genuine hardware made this evidence for this connection; it cannot show that the Coordinator is running now, nor that manifests, policies and CA certificates in it were not replaced, since they came over the connection and are not part of the evidence. It is judged at the time that it states itself, unless --at names another one. --bundle writes no files. Of a Coordinator whose evidence is refused nothing is saved; evidence fetch saves its evidence.",
  ].join("\n\n"),
  examples: [
    { comment: "Check a deployment before sending data to it", command: "contrast verify -c coordinator.example:1313" },
    {
      comment: "Keep everything for an audit",
      command: "contrast verify -c coordinator.example:1313 --save verified.tar",
    },
    { comment: "Check it again on a computer without network", command: "contrast verify --bundle verified.tar" },
  ],
  exclusive: [
    ["coordinator", "bundle"],
    ["save", "bundle"],
    ["collateral", "bundle"],
    ["kds-mirror", "bundle"],
    ["pcs-mirror", "bundle"],
    ["mirror-ca", "bundle"],
  ],
  flags: [
    { ...COORDINATOR_FLAG, required: false, summary: `${COORDINATOR_FLAG.summary}; required without --bundle` },
    MANIFEST_FLAG,
    POLICY_HASH_FLAG,
    {
      name: "save",
      type: "string",
      value: "BUNDLE",
      files: ["tar"],
      summary: "Also save the verification to this file",
    },
    {
      name: "bundle",
      type: "string",
      value: "BUNDLE",
      files: ["tar"],
      summary: "Check a saved verification in place of a running Coordinator, without network",
    },
    ...COLLATERAL_FLAGS,
    ACCEPT_EXPIRED_FLAG,
  ],
  load: async () => (await import("./verify.ts")).verifyCommand,
};
