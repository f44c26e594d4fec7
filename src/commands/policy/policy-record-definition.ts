import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { DENIAL_FLAGS } from "./denial-flags.ts";

/** `contrast policy record`: a refused request becomes a test case. */
export const policyRecordDefinition: CommandDefinition = {
  name: "record",
  summary: "Turn a refused request into a case for policy test",
  description: [
    "Takes the same requests as explain and adds the refused ones to the testcases.json of a directory, which is made if need be; cases that are there keep every byte, and none is replaced. Allowed requests that a refused one depends on, such as the creation of the container that a command runs in, go in front of it.",
    "The wanted verdict is what the policy says now, after the cases that are there already, so that policy test holds the present behaviour. Give --allowed for a request that the pod needs: the case then fails until the YAML or the settings are right. A request that was cut is not recorded.",
    "Where no YAML lies in the directory and the policy comes from a file with this workload alone, the file is copied there, because policy test makes the policy from it. A case holds the request as it is, with all its variables: look at it before you share it.",
  ].join("\n\n"),
  examples: [
    {
      comment: "Keep a denial as it is",
      command: "contrast policy record --policy web.yaml --request policy.jsonl tests/policies/web",
    },
    {
      comment: "Demand that a request be allowed from now on",
      command:
        'contrast policy record --policy web.yaml --request event.txt --allowed --description "mounts the cache" tests/policies/web',
    },
  ],
  positionals: { usage: "directory", minimum: 1, maximum: 1, directories: true },
  exclusive: [["allowed", "denied"]],
  flags: [
    ...DENIAL_FLAGS,
    { name: "description", type: "string", value: "TEXT", summary: "What the case shows; default: why it is refused" },
    { name: "allowed", type: "boolean", summary: "The request must be allowed, whatever the policy says now" },
    { name: "denied", type: "boolean", summary: "The request must be denied, whatever the policy says now" },
  ],
  load: async () => (await import("./policy-record.ts")).policyRecordCommand,
};
