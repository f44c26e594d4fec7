import { describe, expect, test } from "bun:test";
import { type History, openHistory } from "../../src/coordinator/history/history.ts";
import type { ManifestRequest } from "../../src/coordinator/set-manifest.ts";
import {
  AuthorityBench,
  benchWithManifest,
  type BenchProcess,
  forceManifest,
  hexDigest,
  openShares,
  pkcs1Hex,
  policyNamed,
  requestFor,
  SHARE_OWNER,
  WORKLOAD_OWNER,
} from "../fakes/authority-bench.ts";
import type { PlainManifest } from "../fakes/plain-manifest.ts";
import { refusalOf } from "../fakes/refusal.ts";

/** Two processes on one disk, both in force. */
async function twoProcesses(): Promise<{
  readonly bench: AuthorityBench;
  readonly first: BenchProcess;
  readonly second: BenchProcess;
}> {
  const { bench, first, answer } = await benchWithManifest();
  const second = await bench.start();
  await second.recover(openShares(answer), SHARE_OWNER);
  return { bench, first, second };
}

describe("getManifests()", () => {
  test("refuses without manifest", async () => {
    const process = await new AuthorityBench().start();
    expect(await refusalOf(process.getManifests())).toMatchObject({
      code: "coordinator/no-manifest",
      status: "FailedPrecondition",
      text: expect.stringContaining("no manifest configured"),
    });
  });

  test("refuses in recovery mode", async () => {
    const { bench } = await benchWithManifest();
    expect(await refusalOf((await bench.start()).getManifests())).toMatchObject({
      code: "coordinator/recovery-mode",
      status: "FailedPrecondition",
      text: expect.stringContaining("coordinator is in recovery mode"),
    });
  });

  test("tells all manifests, oldest first, and each policy once", async () => {
    const [web, api] = [requestFor("web"), withPolicyOf(requestFor("api"), "web")];
    const { first } = await benchWithManifest(web);
    await first.setManifest(api, WORKLOAD_OWNER);
    await first.setManifest(web, WORKLOAD_OWNER);
    const history = await first.getManifests();
    expect(history.manifests).toEqual([web.manifest, api.manifest, web.manifest]);
    expect(history.policies).toEqual([policyNamed("web").bytes, policyNamed("api").bytes]);
    const { ca, latest } = await first.current();
    expect(history).toMatchObject({ rootCaPem: ca.rootPem, meshCaPem: ca.meshPem, latest });
  });

  test.each(["manifests", "policies", "transitions"])("fails for a damaged object of %s", async (kind) => {
    const { bench, first } = await benchWithManifest();
    const [name = ""] = (await bench.disk.list(`/state/${kind}`))?.filter((entry) => entry !== "latest") ?? [];
    await bench.flip(`${kind}/${name}`);
    expect(await refusalOf(first.getManifests())).toMatchObject({
      code: "coordinator/history-failed",
      status: "Internal",
      text: expect.stringContaining("fetching manifests from history"),
      causes: expect.arrayContaining(["coordinator/history-corrupt"]),
    });
  });

  test("fails for more manifests than clients take, though they name no policies", async () => {
    const { bench, first, answer } = await benchWithManifest();
    const plain: PlainManifest = JSON.parse(new TextDecoder().decode(requestFor("web").manifest));
    const text = JSON.stringify({ ...plain, Policies: {} });
    const manifest = new TextEncoder().encode(text.padEnd(4 * 1024 * 1024));
    const long: History["chain"] = async (latest) => {
      const [link] = await first.history.chain(latest);
      return Array.from({ length: 129 }, () => ({ ...link!, manifest }));
    };
    const reader = await bench.start({ history: { ...first.history, chain: long } });
    await reader.recover(openShares(answer), SHARE_OWNER);
    expect(await refusalOf(reader.getManifests())).toMatchObject({ code: "coordinator/answer-too-large" });
  });

  test("fails for more than clients take", async () => {
    const bench = new AuthorityBench();
    const history = await openHistory("/state", bench.disk);
    const big = new Uint8Array(257 * 1024 * 1024);
    const written = await (await bench.start()).setManifest(withPolicyOf(requestFor("web"), "api"), undefined);
    const process = await bench.start({ history: { ...history, policy: async () => big } });
    await process.recover(openShares(written), SHARE_OWNER);
    expect(await refusalOf(process.getManifests())).toMatchObject({
      code: "coordinator/answer-too-large",
      status: "Internal",
    });
    // Nor does it grow any further.
    expect(await refusalOf(process.setManifest(requestFor("db"), WORKLOAD_OWNER))).toMatchObject({
      code: "coordinator/history-full",
      causes: expect.arrayContaining(["coordinator/answer-too-large"]),
    });
  });

  test("tells the same after each change as a process that sees it for the first time", async () => {
    const { first, second } = await twoProcesses();
    for (const name of ["api", "web", "db"]) {
      await first.setManifest(withPolicyOf(requestFor(name), "shared"), WORKLOAD_OWNER);
      const { manifests, policies } = await first.getManifests();
      expect(manifests.at(-1)).toEqual(withPolicyOf(requestFor(name), "shared").manifest);
      expect(new Set(policies.map(hexDigest)).size).toBe(policies.length);
    }
    expect((await first.getManifests()).policies).toEqual((await second.getManifests()).policies);
    expect((await first.getManifests()).policies).toHaveLength(4);
  });

  test("walks through the history once for many who ask at the same time", async () => {
    const { bench, first } = await benchWithManifest();
    const before = bench.disk.trace.length;
    const answers = await Promise.all(Array.from({ length: 64 }, () => first.getManifests()));
    expect(new Set(answers.map(({ manifests }) => manifests.length))).toEqual(new Set([1]));
    const reads = bench.disk.trace.slice(before).filter((step) => step.includes("/policies/"));
    expect(reads.length).toBeLessThan(4);
  });
});

describe("createAuthority()", () => {
  test("makes one chain of 64 manifests at once; who loses is told so", async () => {
    const { bench, first } = await benchWithManifest();
    const requests = Array.from({ length: 64 }, (_, index) => requestFor(`web-${index}`));
    const refusals = await Promise.all(
      requests.map(async (request) => {
        try {
          await first.setManifest(request, WORKLOAD_OWNER);
          return undefined;
        } catch (error) {
          return await refusalOf(Promise.reject(error));
        }
      }),
    );
    const lost = refusals.filter((refusal) => refusal !== undefined);
    expect(lost).toHaveLength(63);
    for (const refusal of lost) {
      expect(refusal).toMatchObject({ code: "coordinator/history-changed", status: "FailedPrecondition" });
      expect(refusal.text).toContain("has changed since last read");
    }
    expect((await first.getManifests()).manifests).toHaveLength(2);
    expect((await first.current()).generation).toBe(2);
    expect(await bench.disk.list("/state/manifests")).toHaveLength(2);
  });

  test("lets one of 64 first manifests win, whose seed shares are the right ones", async () => {
    const bench = new AuthorityBench();
    const process = await bench.start();
    const answers = await Promise.allSettled(
      Array.from({ length: 64 }, (_, index) => process.setManifest(requestFor(`web-${index}`), undefined)),
    );
    const won = answers.filter((answer) => answer.status === "fulfilled");
    expect(won).toHaveLength(1);
    const codes = answers.map((answer) => (answer.status === "rejected" ? answer.reason.code : ""));
    expect(new Set(codes)).toEqual(new Set(["", "coordinator/history-changed"]));
    const restarted = await bench.start();
    for (const { value } of won) await restarted.recover(openShares(value), SHARE_OWNER);
    expect(restarted.generations).toEqual([1]);
  });

  test("keeps the snapshot that a handshake took", async () => {
    const { first } = await benchWithManifest();
    const taken = await first.current();
    const bytes = taken.manifestBytes.slice();
    await first.setManifest(requestFor("api"), WORKLOAD_OWNER);
    expect(taken.generation).toBe(1);
    expect(taken.manifestBytes).toEqual(bytes);
    expect(await first.current()).not.toBe(taken);
  });

  test("follows a manifest that another process set", async () => {
    const { first, second } = await twoProcesses();
    await first.setManifest(requestFor("api"), WORKLOAD_OWNER);
    await first.setManifest(requestFor("db"), WORKLOAD_OWNER);
    const followed = await second.current();
    expect(followed.generation).toBe(3);
    expect(followed.manifestBytes).toEqual(requestFor("db").manifest);
    expect(second.generations).toEqual([1, 3]);
    await second.setManifest(requestFor("web"), WORKLOAD_OWNER);
    expect((await first.getManifests()).manifests).toHaveLength(4);
  });

  test("is refused by the store where another process was faster", async () => {
    const { bench, first, second } = await twoProcesses();
    const [held, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let isHeld = false;
    bench.disk.beforeStep = async (name, path) => {
      if (isHeld || !`${name} ${path}`.startsWith("create /state/manifests/")) return;
      isHeld = true;
      held.resolve();
      await go.promise;
    };
    const slow = refusalOf(second.setManifest(requestFor("slow"), WORKLOAD_OWNER));
    await held.promise;
    await first.setManifest(requestFor("fast"), WORKLOAD_OWNER);
    go.resolve();
    expect(await slow).toMatchObject({
      code: "coordinator/history-changed",
      status: "FailedPrecondition",
      text: expect.stringContaining("has changed since last read"),
    });
    expect((await second.getManifests()).manifests).toHaveLength(2);
  });

  test("does not follow a store that was put back", async () => {
    const { bench, first } = await benchWithManifest();
    const old = (await first.current()).latest.bytes;
    await first.setManifest(requestFor("api"), WORKLOAD_OWNER);
    await bench.replace("transitions/latest", () => old);
    for (const claim of (await bench.disk.list("/state/claims")) ?? [])
      await bench.disk.unlink(`/state/claims/${claim}`);
    expect(await refusalOf(first.getManifests())).toMatchObject({
      code: "coordinator/history-failed",
      status: "Internal",
      causes: ["coordinator/history-rolled-back"],
    });
    expect(await refusalOf(first.current())).toMatchObject({ causes: ["coordinator/history-rolled-back"] });
  });

  test("does not follow a manifest with other seed share owners", async () => {
    const { first, second } = await twoProcesses();
    const owners = [pkcs1Hex(SHARE_OWNER), pkcs1Hex(SHARE_OWNER)];
    await forceManifest(first, requestFor("x", (manifest) => (manifest.SeedshareOwnerPubKeys = owners)).manifest);
    expect(await refusalOf(second.getManifests())).toMatchObject({
      code: "coordinator/history-failed",
      causes: ["coordinator/seed-share-owners-changed"],
    });
  });

  test("does not follow a latest transition that its own key did not sign", async () => {
    const { bench, first } = await benchWithManifest();
    await bench.replace("transitions/latest", (bytes) => bytes.with(60, (bytes[60] ?? 0) ^ 1));
    expect((await refusalOf(first.current())).causes).toContain("coordinator/history-signature-invalid");
  });

  test("takes over a new signature of the same transition, and goes on from it", async () => {
    const { bench, first } = await benchWithManifest();
    const { latest, seedEngine, ca } = await first.current();
    const transition = await first.history.transition(latest.transitionHash.toHex());
    const { signLatest } = await import("../../src/coordinator/history/latest-transition.ts");
    const again = signLatest(transition, seedEngine.transactionKey);
    await bench.replace("transitions/latest", () => again.bytes);
    const followed = await first.current();
    expect(followed.latest.bytes).toEqual(again.bytes);
    expect(followed.ca).toBe(ca);
    expect(followed.generation).toBe(1);
  });

  test("goes on from the store when the end of a commit was uncertain", async () => {
    const { bench, first } = await benchWithManifest();
    let isDone = false;
    bench.disk.beforeStep = async (name, path) => {
      if (isDone || name !== "sync" || !path.endsWith("/claims")) return;
      isDone = true;
      bench.disk.fault = { step: bench.disk.steps + 1, code: "EIO", lasting: false, done: true };
    };
    const refusal = await refusalOf(first.setManifest(requestFor("api"), WORKLOAD_OWNER));
    expect(refusal).toMatchObject({ code: "coordinator/store-failed", status: "Internal" });
    expect(refusal.text).toContain("setting latest");
    expect(refusal.causes).toContain("coordinator/history-uncertain");
    bench.disk.fault = undefined;
    const { generation, manifestBytes } = await first.current();
    expect([1, 2]).toContain(generation);
    expect(manifestBytes).toEqual(requestFor(generation === 2 ? "api" : "web").manifest);
    expect((await first.getManifests()).manifests).toHaveLength(generation);
  });

  test("stays in force when the store was emptied, but sets nothing on top of it", async () => {
    const { bench, first } = await benchWithManifest();
    await bench.disk.unlink("/state/transitions/latest");
    for (const claim of (await bench.disk.list("/state/claims")) ?? [])
      await bench.disk.unlink(`/state/claims/${claim}`);
    expect((await first.current()).generation).toBe(1);
    expect(await refusalOf(first.setManifest(requestFor("api"), WORKLOAD_OWNER))).toMatchObject({
      code: "coordinator/history-changed",
    });
    expect((await first.current()).generation).toBe(1);
  });

  test("logs no seed", async () => {
    const { bench, first, answer } = await benchWithManifest();
    const { seed } = openShares(answer);
    const restarted = await bench.start();
    await restarted.recover({ seed, salt: new Uint8Array(32) }, SHARE_OWNER).catch(() => {});
    await restarted.recover(openShares(answer), SHARE_OWNER);
    await restarted.setManifest(requestFor("api"), WORKLOAD_OWNER);
    await first.current();
    const text = [...first.lines, ...restarted.lines].join("\n");
    expect(text).toContain("follows a manifest");
    for (const form of [Buffer.from(seed).toString("hex"), Buffer.from(seed).toString("base64")]) {
      expect(text).not.toContain(form.slice(0, 16));
    }
  });
});

/** The same request with the policy of another workload beside it. */
function withPolicyOf(request: ManifestRequest, name: string): ManifestRequest {
  const { bytes, hash } = policyNamed(name);
  const plain = JSON.parse(Buffer.from(request.manifest).toString());
  plain.Policies = { [hash]: { SANs: [name] }, ...plain.Policies };
  return { manifest: new Uint8Array(Buffer.from(JSON.stringify(plain))), policies: [...request.policies, bytes] };
}
