// Policy decisions: how many a second, whether memory stays flat, and what one call of `policy test` costs.
import { heapStats } from "bun:jsc";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigLookup } from "../../src/kubernetes/config-lookup.ts";
import { parseInput } from "../../src/kubernetes/input-set.ts";
import type { Json } from "../../src/lib/json.ts";
import { Problems } from "../../src/lib/problems.ts";
import { derivePolicyData } from "../../src/policy/derive-policy-data.ts";
import { parseImageFacts } from "../../src/policy/policy-test/image-facts.ts";
import { loadProfile } from "../../src/policy/settings/profiles.ts";
import { renderPolicyData } from "../../src/policy/render-policy.ts";
import { type SelfCheckCase, selfCheckCases } from "../../src/policy/self-check/self-check-cases.ts";
import { PolicyEngine, type PolicySession } from "../../src/rego/policy-engine.ts";
import { compileBinary, productCompilation, RELEASE_FLAGS } from "../build/compile-binary.ts";
import { median } from "../measure/median.ts";
import { report } from "../measure/report.ts";

const IMAGE = `registry.example/web:1@sha256:${"ab".repeat(32)}`;

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  volumes:
    - {name: data, emptyDir: {}}
    - {name: cache, emptyDir: {medium: Memory}}
    - {name: config, configMap: {name: settings}}
  containers:
    - name: web
      image: "${IMAGE}"
      args: ["--listen", ":8080", "--pod=$(POD)"]
      env:
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: COLOUR, value: green}
      securityContext: {runAsUser: 1000, runAsGroup: 1000}
      livenessProbe: {exec: {command: [/web, --probe]}}
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: cache, mountPath: /cache}
        - {name: config, mountPath: /config, readOnly: true}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {colour: green}
`;

const FACTS = JSON.stringify({
  "mcr.microsoft.com/oss/kubernetes/pause:3.6": { config: { Entrypoint: ["/pause"], User: "65535:65535" } },
  [IMAGE]: { config: { Entrypoint: ["/web"], Env: ["PATH=/bin", "LANG=C"] } },
});

const TEST_CASES = JSON.stringify([
  { description: "start", kind: "StartContainerRequest", request: {}, allowed: true },
]);

interface Subject {
  readonly policyDataText: string;
  readonly cases: readonly SelfCheckCase[];
}

async function subject(): Promise<Subject> {
  const problems = new Problems();
  const objects = parseInput(new TextEncoder().encode(POD), "pod.yaml", problems)?.objects ?? [];
  const [object] = objects;
  const settings = await loadProfile("metal");
  const images = parseImageFacts(FACTS, "images.json");
  const configs = new ConfigLookup(objects, () => {});
  if (object === undefined) throw new Error("Cannot read the pod of the benchmark");
  const data = await derivePolicyData({ object, settings, images, configs, problems });
  if (data === undefined) throw new Error(JSON.stringify(problems.errors));
  const cases = await selfCheckCases({ object, settings, images, configs, data });
  return { policyDataText: renderPolicyData(data), cases };
}

/** Milliseconds of a number of calls. */
function timeOf(calls: number, call: () => void): number {
  const startedMs = performance.now();
  for (let index = 0; index < calls; index++) call();
  return performance.now() - startedMs;
}

/** Calls a second, from the median of several rounds. */
function rateOf(calls: number, call: () => void): number {
  return (calls * 1000) / median(Array.from({ length: 9 }, () => timeOf(calls, call)));
}

/** Rounds of both in turn, so that both see the same machine: calls a second, and calls of the yardstick in one call. */
function compare(
  calls: number,
  call: () => void,
  yardstick: () => void,
): { readonly rate: number; readonly ratio: number } {
  timeOf(calls * 5, call); // the engine compiles what runs often
  const rounds = Array.from({ length: 15 }, () => ({
    own: timeOf(calls, call) / calls,
    other: timeOf(calls * 20, yardstick) / (calls * 20),
  }));
  return {
    rate: 1000 / median(rounds.map(({ own }) => own)),
    ratio: median(rounds.map(({ own, other }) => own / other)),
  };
}

/** Round trips that one decision took when rules and engine first worked. */
const FIRST_RATIO = 90;

function reportRates(session: PolicySession, cases: readonly SelfCheckCase[]): void {
  const creations = cases.filter(({ kind }) => kind === "CreateContainerRequest");
  const genuine = creations.filter(({ allowed }) => allowed).map(({ request }) => request);
  const [pause, web] = genuine;
  const whole = genuine.at(-1);
  if (pause === undefined || web === undefined || whole === undefined) {
    throw new Error("Cannot find the requests of the benchmark");
  }
  const decide = (request: Json) => () => session.evaluate("CreateContainerRequest", request);
  const roundTrip = (): unknown => JSON.parse(JSON.stringify(web));
  const forged = creations.filter(({ allowed }) => !allowed).map(({ request }) => request);
  const inTurn = (requests: readonly Json[]): (() => void) => {
    let next = 0;
    return () => decide(requests[next++ % requests.length] ?? null)();
  };
  const withState = (): void => {
    session.reset();
    session.decide("CreateContainerRequest", pause);
    session.decide("CreateContainerRequest", whole);
  };
  const first = decide(web);
  const subjects = [
    ["of a container, allowed", first, 1],
    ["of a container with its mounts, allowed", decide(whole), 1],
    ["of pause, allowed", decide(pause), 1],
    ["forged in one place", inTurn(forged), 1],
    ["of a pod, with its state", withState, 2],
  ] as const;
  for (const [name, call, decisions] of subjects) {
    const { rate, ratio } = compare(100, call, roundTrip);
    report({ name: `policy: CreateContainer ${name}`, value: rate * decisions, unit: "1/s" });
    report({
      name: `policy: CreateContainer ${name}, in JSON round trips of a request`,
      value: ratio / decisions,
      unit: "x",
      ...(call === first ? { atMost: FIRST_RATIO / 3 } : {}),
    });
  }
}

/** Bytes of the JavaScript heap and of the engine's memory, after a collection. */
function memory(engine: PolicyEngine): number {
  Bun.gc(true);
  return heapStats().heapSize + engine.memoryBytes;
}

/** 100,000 decisions of every kind, with the state as a pod makes it, again and again. */
function reportMemory(engine: PolicyEngine, { policyDataText, cases }: Subject): void {
  const session = engine.open(policyDataText);
  let decisions = 0;
  let early = 0;
  const mix = cases.filter(
    ({ kind, allowed }, index) => kind !== "CreateContainerRequest" || allowed || index % 4 === 0,
  );
  while (decisions < 100_000) {
    session.reset();
    for (const { kind, request, allowed } of mix) {
      if (session.decide(kind, request).allowed !== allowed) throw new Error(`Wrong decision of ${kind}`);
      decisions++;
      if (decisions === 1000) early = memory(engine);
    }
  }
  report({
    name: "policy: memory after 100,000 decisions over 1,000",
    value: memory(engine) / early,
    unit: "x",
    atMost: 1.05,
  });
  report({ name: "policy: memory of the engine", value: engine.memoryBytes / 1e6, unit: "MB" });
}

function reportSwitch(engine: PolicyEngine, policyDataText: string): void {
  const sessions = [engine.open(policyDataText), engine.open(policyDataText)];
  const rate = rateOf(100, () => sessions.forEach((session) => session.evaluate("StartContainerRequest", {})));
  report({ name: "policy: change to another policy", value: 1000 / (rate * sessions.length), unit: "ms" });
}

async function reportOneShot(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "contrast-bench-"));
  try {
    const root = join(import.meta.dir, "..", "..");
    await mkdir(join(folder, "test"));
    await writeFile(join(folder, "test", "pod.yaml"), POD);
    await writeFile(join(folder, "test", "testcases.json"), TEST_CASES);
    await writeFile(join(folder, "images.json"), FACTS);
    await writeFile(join(folder, "empty.ts"), "export {};\n");
    await compileBinary({ entry: "empty.ts", root: folder, outfile: join(folder, "empty"), flags: RELEASE_FLAGS });
    await compileBinary(await productCompilation(root, join(folder, "contrast")));
    const words = ["policy", "test", "--image-facts", join(folder, "images.json"), join(folder, "test")];
    const timeOf = (command: readonly string[]): number => {
      const startedMs = performance.now();
      const { exitCode } = Bun.spawnSync([...command], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
      if (exitCode !== 0) throw new Error(`Cannot run ${command.join(" ")}: exit status ${exitCode}`);
      return performance.now() - startedMs;
    };
    const rounds = Array.from({ length: 15 }, () => ({
      empty: timeOf([join(folder, "empty")]),
      test: timeOf([join(folder, "contrast"), ...words]),
    }));
    const oneShotMs = median(rounds.map(({ test }) => test));
    report({ name: "policy: one call of policy test", value: oneShotMs, unit: "ms" });
    const ratio = oneShotMs / median(rounds.map(({ empty }) => empty));
    report({ name: "policy: one call of policy test over an empty program", value: ratio, unit: "x" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const pod = await subject();
const engine = await PolicyEngine.load();
reportRates(engine.open(pod.policyDataText), pod.cases);
reportSwitch(engine, pod.policyDataText);
reportMemory(engine, pod);
await reportOneShot();
