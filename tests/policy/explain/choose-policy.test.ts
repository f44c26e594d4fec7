import { describe, expect, test } from "bun:test";
import { choosePolicy } from "../../../src/policy/explain/choose-policy.ts";
import { parseDenial } from "../../../src/policy/explain/parse-denial.ts";
import type { FoundPolicy } from "../../../src/policy/found-policy.ts";
import { codeOf } from "../../fakes/error-code.ts";

const policyOf = (label: string, digit: string): FoundPolicy => ({
  label,
  namespace: "prod",
  file: "a.yaml",
  place: { file: "a.yaml" },
  carrier: "text",
  text: "package agent_policy\n",
  hashHex: digit.repeat(64),
  object: undefined,
  manifests: [],
  manifestEntries: [],
});

const FOUND = [
  policyOf("Deployment web", "1"),
  policyOf("Deployment web-admin", "2"),
  policyOf("StatefulSet shop", "3"),
  policyOf("Pod shop", "4"),
  policyOf("policy 555555555555", "5"),
] as const;

const BLOCKED = "Error: CreateContainerRequest is blocked by policy";

/** The label of the policy that is chosen, or the code of the error. */
function chosen(text: string, workload = ""): string {
  let label = "";
  const code = codeOf(() => void ({ label } = choosePolicy(FOUND, parseDenial(text), workload)));
  return label === "" ? (code ?? "") : label;
}

describe("choosePolicy()", () => {
  test.each([
    ["a description of the pod", `Name:             web-5d8-x7k2p\nNamespace:  prod\nEvents:\n  ${BLOCKED}\n`],
    ["line ends of Windows", `Name:   web-5d8-x7k2p\r\nEvents:\r\n  ${BLOCKED}\r\n`],
    ["the event of the scheduler", `Successfully assigned prod/web-5d8-x7k2p to node-1\n${BLOCKED}`],
    ["the back-off of the kubelet", `${BLOCKED}\nBack-off restarting container web in pod web-5d8-x7k2p_prod(0b0e)`],
    [
      "a table of events",
      `LAST SEEN  TYPE     REASON  OBJECT             MESSAGE\n2s  Warning  Failed  pod/web-5d8-x7k2p  ${BLOCKED}`,
    ],
  ])("takes the policy of the pod that %s names", (_what, text) => {
    expect(chosen(text)).toBe("Deployment web");
  });

  test("prefers the longer name that fits the pod", () => {
    expect(chosen(`Name: web-admin-5d8-x7k2p\n${BLOCKED}`)).toBe("Deployment web-admin");
  });

  test.each([
    ["no pod", BLOCKED],
    ["pods of two workloads", `Name: web-1-a\n${BLOCKED}\nName: shop-1\n`],
    ["two workloads of one name", `Name: shop-0\n${BLOCKED}`],
    ["a name inside of the description", `Volumes:\n  config:\n    Name:  web-1\n${BLOCKED}`],
  ])("does not guess from %s", (_what, text) => {
    expect(chosen(text)).toBe("policy/choice-unclear");
  });

  test.each([
    ["shop", "policy/choice-unclear"],
    ["Pod/shop", "Pod shop"],
    ["statefulset shop", "StatefulSet shop"],
    ["555555555555", "policy 555555555555"],
    ["nobody", "policy/choice-unclear"],
  ])("takes what --workload %s names", (workload, wanted) => {
    expect(chosen(`Name: web-5d8-x7k2p\n${BLOCKED}`, workload)).toBe(wanted);
  });
});
