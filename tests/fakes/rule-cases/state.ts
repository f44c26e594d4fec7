import { IDS } from "../rule-requests.ts";
import { create, policyOf, ruleCase, type Edit, type RuleCase } from "./rule-case.ts";

const CRI = "io.kubernetes.cri.";

const namespaceStep =
  (path: string): Edit =>
  (request) => {
    request.OCI.Linux.Namespaces.push({ Type: "network", Path: path });
  };

export const state: readonly RuleCase[] = [
  ruleCase("whole pod in order", true, create("gpus"), { first: [create("pause"), create("web"), create("blocks")] }),
  ruleCase(
    "other pod name than before",
    false,
    create("blocks", (r) => (r.OCI.Annotations[`${CRI}sandbox-name`] = "web-aaaaa")),
    {
      first: [create("pause")],
    },
  ),
  ruleCase(
    "other namespace than before",
    false,
    create("blocks", (r) => (r.OCI.Annotations[`${CRI}sandbox-namespace`] = "b")),
    {
      first: [create("pause")],
      policy: (p) => (policyOf(p, "blocks").OCI.Annotations[`${CRI}sandbox-namespace`] = ""),
    },
  ),
  ruleCase("other network than before", false, create("blocks", namespaceStep("/b")), {
    first: [create("pause", namespaceStep("/a"))],
  }),
  ruleCase("same network as before", true, create("blocks", namespaceStep("/a")), {
    first: [create("pause", namespaceStep("/a"))],
  }),
  ruleCase(
    "id of another container",
    false,
    create("blocks", (r) => (r.container_id = IDS.web)),
    { first: [create("web")] },
  ),
  ruleCase("same container again", true, create("web"), { first: [create("web")] }),
  ruleCase(
    "container with the name of a state key",
    true,
    create("blocks", (r) => (r.container_id = "namespace")),
    { first: [create("pause")], policy: (p) => (p.common.image_verification = "none") },
  ),
  ruleCase("identical containers in the policy", true, create("web"), {
    policy: (p) => p.containers.push(structuredClone(policyOf(p, "web"))),
  }),
  ruleCase("removal of an unknown container", true, {
    kind: "RemoveContainerRequest",
    request: { container_id: "x", timeout: 0 },
  }),
];
