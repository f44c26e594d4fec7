import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { isJsonObject, type Json } from "../../../src/lib/json.ts";
import { applyPatchOperation } from "../../../src/policy/json-patch.ts";
import { ExplainingSession } from "../../../src/policy/explain/explaining-session.ts";
import { parsePartialJson } from "../../../src/policy/explain/partial-json.ts";
import type { RequestExplanation } from "../../../src/policy/explain/request-explanation.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { seededRandom } from "../../fakes/mutations.ts";
import { IMAGE } from "../../fakes/policy-input.ts";
import { creationOf, explain, type ExplainedPolicy, explainedPolicy } from "./explained-policy.ts";
import { mutateRequest } from "./mutate-request.ts";

setDefaultTimeout(60_000);

const YAML = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod}
spec:
  template:
    metadata:
      annotations: {team: blue}
    spec:
      securityContext:
        runAsUser: 100
        runAsGroup: 101
      initContainers:
        - name: prepare
          image: "${IMAGE}"
          args: [prepare]
      containers:
        - name: web
          image: "${IMAGE}"
          command: ["/app", "serve"]
          args:
            - --port=80
          workingDir: /srv/web
          env:
            - name: MODE
              value: production
            - {name: LOG, value: info}
            - name: IP
              valueFrom: {fieldRef: {fieldPath: status.podIP}}
          securityContext: {runAsUser: 100, readOnlyRootFilesystem: true}
          volumeMounts:
            - {name: data, mountPath: /data/}
          livenessProbe: {exec: {command: [cat, /tmp/x]}}
      volumes: [{name: data, emptyDir: {}}]
`;

let policy: ExplainedPolicy;
beforeAll(async () => {
  policy = await explainedPolicy(YAML);
});

/** The explanation of the request that creates the container `web`, with one thing changed. */
async function explainChange(path: string, value: Json, op: "add" | "replace" = "replace") {
  const request = applyPatchOperation(creationOf(policy, "web"), { op, path, value });
  return await explain(policy, { kind: "CreateContainerRequest", request });
}

function indexOf(list: string, isWanted: (item: Json) => boolean): number {
  let value: Json | undefined = creationOf(policy, "web");
  for (const key of list.split("/").slice(1)) value = isJsonObject(value) ? value[key] : undefined;
  return Array.isArray(value) ? value.findIndex(isWanted) : -1;
}

const isMountAt = (path: string) => (item: Json) => isJsonObject(item) && item["destination"] === path;

describe("explainRequest()", () => {
  test("says nothing about an allowed request", async () => {
    const request = creationOf(policy, "web");
    const explanation = await explain(policy, { kind: "CreateContainerRequest", request });
    expect(explanation).toMatchObject({ verdict: "allowed", faults: [], containers: [], nearest: undefined });
  });

  test("names the container of the request's name before one that comes nearer", async () => {
    const { nearest, containers } = await explainChange("/OCI/Process/Cwd", "/elsewhere");
    expect(nearest?.name).toBe("web");
    expect(containers.map(({ name }) => name)).toEqual(["pause", "prepare", "web"]);
    expect(containers[0]?.failed).toContain("container_type");
  });

  test("names the container of which the fewest checks fail for a name that the policy lacks", async () => {
    const key = "/OCI/Annotations/io.kubernetes.cri.container-name";
    const { nearest, faults } = await explainChange(key, "wob");
    expect(nearest?.name).toBe("web");
    expect(faults.map(({ check }) => check)).toEqual(["container_name"]);
    expect(faults[0]?.findings).toMatchObject([{ received: "wob", expected: "web" }]);
  });

  test.each<[string, () => Promise<RequestExplanation>, string, object, string | undefined]>([
    [
      "a variable",
      () => explainChange("/OCI/Process/Env/-", "LOG=debug", "add"),
      "env",
      { received: "LOG=debug", expected: ["LOG=info"] },
      "26:34 spec.template.spec.containers[0].env[1].value",
    ],
    [
      "a variable with a source",
      () => explainChange("/OCI/Process/Env/-", "IP=x", "add"),
      "env",
      { received: "IP=x", expected: ["IP=$(pod-ip)"] },
      "28:26 spec.template.spec.containers[0].env[2].valueFrom",
    ],
    [
      "a variable that nobody knows",
      () => explainChange("/OCI/Process/Env/-", "NEW=1", "add"),
      "env",
      { is: "added", received: "NEW=1", expected: undefined },
      "24:13 spec.template.spec.containers[0].env",
    ],
    [
      "an argument",
      () => explainChange("/OCI/Process/Args/2", "--port=81"),
      "args",
      { path: ["OCI", "Process", "Args", 2], received: "--port=81", expected: "--port=80" },
      "21:15 spec.template.spec.containers[0].args[0]",
    ],
    [
      "a word of the command",
      () => explainChange("/OCI/Process/Args/1", "sleep"),
      "args",
      { received: "sleep", expected: "serve" },
      "19:29 spec.template.spec.containers[0].command[1]",
    ],
    [
      "one more argument",
      () => explainChange("/OCI/Process/Args/-", "-v", "add"),
      "args",
      { is: "added", received: "-v" },
      "21:13 spec.template.spec.containers[0].args",
    ],
    [
      "no arguments",
      () => explainChange("/OCI/Process/Args", []),
      "args",
      { is: "missing", expected: "/app" },
      "19:21 spec.template.spec.containers[0].command[0]",
    ],
    [
      "the user, which the container has",
      () => explainChange("/OCI/Process/User/UID", 0),
      "user",
      { path: ["OCI", "Process", "User", "UID"], received: 0, expected: 100 },
      "29:40 spec.template.spec.containers[0].securityContext.runAsUser",
    ],
    [
      "the group, which the pod has",
      () => explainChange("/OCI/Process/User/GID", 0),
      "user",
      { received: 0, expected: 101 },
      "11:21 spec.template.spec.securityContext.runAsGroup",
    ],
    [
      "a capability",
      () => explainChange("/OCI/Process/Capabilities/Bounding/-", "CAP_SYS_ADMIN", "add"),
      "capabilities",
      { is: "added", expected: ["SYS_ADMIN"] },
      "29:28 spec.template.spec.containers[0].securityContext.capabilities",
    ],
    [
      "a mount that nobody knows",
      () =>
        explainChange("/OCI/Mounts/-", { destination: "/x", source: "/etc", type_: "bind", options: ["rw"] }, "add"),
      "mounts",
      { is: "added" },
      "31:13 spec.template.spec.containers[0].volumeMounts",
    ],
    [
      "the options of a mount",
      () => explainChange(`/OCI/Mounts/${indexOf("/OCI/Mounts", isMountAt("/data/"))}/options`, ["rbind"]),
      "mounts",
      { is: "differs", received: ["rbind"] },
      "31:15 spec.template.spec.containers[0].volumeMounts[0]",
    ],
    [
      "the type of a mount that the runtime makes",
      () => explainChange(`/OCI/Mounts/${indexOf("/OCI/Mounts", isMountAt("/proc"))}/type_`, "bind"),
      "mounts",
      { received: "bind", expected: "proc" },
      undefined,
    ],
    [
      "the image",
      () => explainChange("/storages/0/source", "registry.example/other:1"),
      "image",
      { received: "registry.example/other:1", expected: IMAGE },
      "18:18 spec.template.spec.containers[0].image",
    ],
    [
      "a root that can be written",
      () => explainChange("/OCI/Root/Readonly", false),
      "root",
      { received: false, expected: true },
      "29:69 spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem",
    ],
    [
      "an annotation",
      () => explainChange("/OCI/Annotations/team", "red", "add"),
      "annotations",
      { received: "red", expected: "blue" },
      "7:27 spec.template.metadata.annotations.team",
    ],
    [
      "the working directory",
      () => explainChange("/OCI/Process/Cwd", "/"),
      "cwd",
      { received: "/", expected: "/srv/web" },
      "22:23 spec.template.spec.containers[0].workingDir",
    ],
    [
      "shared processes",
      () => explainChange("/sandbox_pidns", true),
      "pidns",
      { received: true, expected: false },
      "9:7 spec.template.spec.shareProcessNamespace",
    ],
    [
      "hooks",
      () => explainChange("/OCI/Hooks", { Prestart: [] }),
      "hooks",
      { path: ["OCI", "Hooks"], expected: undefined },
      undefined,
    ],
  ])("shows both sides and the place in the YAML for %s", async (_what, change, check, finding, place) => {
    const { verdict, nearest, faults } = await change();
    expect([verdict, nearest?.name]).toEqual(["denied", "web"]);
    const [first] = faults.filter((fault) => fault.check === check);
    expect(first?.findings[0]).toMatchObject(finding);
    const yaml = first?.findings[0]?.yaml;
    expect(yaml && `${yaml.line}:${yaml.column} ${yaml.path}`).toBe(place);
  });

  test("names places by the container where there is no YAML", async () => {
    const request = applyPatchOperation(creationOf(policy, "web"), {
      op: "add",
      path: "/OCI/Process/Env/-",
      value: "LOG=debug",
    });
    const question = { kind: "CreateContainerRequest", request };
    const { faults } = await explain({ text: policy.text }, question);
    expect(faults[0]?.findings[0]?.yaml).toMatchObject({ path: "containers[name=web].env[name=LOG]", file: undefined });
  });

  test("keeps the state of earlier requests", async () => {
    const session = await ExplainingSession.open(policy.text);
    const kind = "CreateContainerRequest";
    const request = creationOf(policy, "web");
    await explain(policy, { kind, request }, session);
    const other = applyPatchOperation(creationOf(policy, "pause"), {
      op: "replace",
      path: "/OCI/Annotations/io.kubernetes.cri.sandbox-id",
      value: "0".repeat(64),
    });
    const { faults } = await explain(policy, { kind, request: other }, session);
    expect(faults.map(({ check }) => check)).toContain("state_sandbox_id");
    const [fault] = faults.filter(({ check }) => check === "state_sandbox_id");
    expect(fault?.findings[0]?.received).toBe("0".repeat(64));
    expect(fault?.findings[0]?.expected).toMatch(/^[0-9a-f]{64}$/);
  });

  test("says of a command that its container was not created before", async () => {
    const exec = policy.cases.find(({ kind, allowed }) => kind === "ExecProcessRequest" && allowed)!;
    const { verdict, faults, nearest } = await explain(policy, exec);
    expect([verdict, nearest?.name, faults.map(({ check }) => check)]).toEqual(["denied", "web", ["state_exec"]]);
  });

  test.each<[string, Json, string]>([
    ["ReadStreamRequest", {}, "allowed"],
    ["WriteStreamRequest", {}, "switched_off"],
    ["SetGuestDateTimeRequest", {}, "never_allowed"],
  ])("knows why %s is answered as it is", async (kind, request, expected) => {
    const { verdict, faults } = await explain(policy, { kind, request });
    expect(faults[0]?.check ?? verdict).toBe(expected);
  });

  test.each<[string, Json, string]>([
    ["NoSuchRequest", {}, "policy/request-kind-unknown"],
    ["CreateContainerRequest", { OCI: [] }, "policy/request-invalid"],
  ])("refuses %s %j", async (kind, request, code) => {
    expect(await codeOfAsync(() => explain(policy, { kind, request }))).toBe(code);
  });

  const requests = IS_CAMPAIGN ? 3000 : 45;
  const checkCutRequests = async (): Promise<void> => {
    const random = seededRandom(20_261_124);
    const kind = "CreateContainerRequest";
    const whole = creationOf(policy, "web");
    for (let number = 0; number < requests; number++) {
      const mutated = number % 3 === 0 ? whole : mutateRequest(whole, random);
      // Half of the requests have their members in the order of other rules' prints.
      const text = JSON.stringify(number % 2 === 0 ? mutated : sorted(mutated));
      const { value, cut } = parsePartialJson(text.slice(0, 2 + random(text.length - 2)), 0);
      const full = await explain(policy, { kind, request: mutated });
      const container = full.nearest?.name ?? "web";
      const part = await explain(policy, { kind, request: value, cut, container });
      const context = `request ${number}, cut at ${JSON.stringify(cut)}`;
      if (part.verdict === "denied") expect([context, full.verdict]).toEqual([context, "denied"]);
      for (const { check, isCertain, findings } of part.faults) {
        const same = full.faults.find((fault) => fault.check === check);
        if (isCertain) expect([context, check, same?.check]).toEqual([context, check, check]);
        for (const finding of isCertain ? findings : []) expect(same?.findings).toContainEqual(finding);
      }
    }
  };
  test("knows of a cut request nothing that the whole one has otherwise", checkCutRequests, CAMPAIGN_TIMEOUT_MS);

  test("has read everything once the cut is behind what matters", async () => {
    const request = creationOf(policy, "web");
    const question = { kind: "CreateContainerRequest", request, cut: ["stderr_port"] };
    const { verdict, unread, faults } = await explain(policy, question);
    expect({ verdict, unread, faults }).toEqual({ verdict: "unknown", unread: [], faults: [] });
  });
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => sorted(item));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
