import { describe, expect, test } from "bun:test";
import type { ManifestRequest } from "../../src/coordinator/set-manifest.ts";
import {
  AuthorityBench,
  benchWithManifest,
  hexDigest,
  openShares,
  policyNamed,
  requestFor,
  SHARE_OWNER,
  WORKLOAD_OWNER,
} from "../fakes/authority-bench.ts";
import { refusalOf } from "../fakes/refusal.ts";

const BIG = new Uint8Array(12_000).fill(0x23);

/** Room for five of them with their manifests. */
const LIMITS = { maxAnswerBytes: 71_900 };

/** A manifest of one workload whose policy is large. */
function bigRequest(name: string): ManifestRequest {
  const policy = BIG.with(0, name.charCodeAt(0));
  const request = requestFor(name, (manifest) => {
    manifest.Policies = { [hexDigest(policy)]: { SANs: [name], WorkloadSecretID: "" } };
  });
  return { ...request, policies: [policy] };
}

describe("createAnswerExtents()", () => {
  test("lets nobody set what nobody could be told, before and after a recovery", async () => {
    const bench = new AuthorityBench();
    const first = await bench.start(LIMITS);
    const answer = await first.setManifest(bigRequest("a"), undefined);
    for (const name of ["b", "c", "d", "e"]) await first.setManifest(bigRequest(name), WORKLOAD_OWNER);
    const full = { code: "coordinator/history-full", status: "FailedPrecondition" };
    expect(await refusalOf(first.setManifest(bigRequest("f"), WORKLOAD_OWNER))).toMatchObject(full);
    expect((await first.getManifests()).policies).toHaveLength(5);
    const second = await bench.start(LIMITS);
    await second.recover(openShares(answer), SHARE_OWNER);
    expect(await refusalOf(second.setManifest(bigRequest("f"), WORKLOAD_OWNER))).toMatchObject(full);
    await second.setManifest(bigRequest("a"), WORKLOAD_OWNER);
    expect((await second.getManifests()).manifests).toHaveLength(6);
  });

  test("counts each policy once, and only those that manifests name", async () => {
    const bench = new AuthorityBench();
    const process = await bench.start();
    const unnamed = Array.from({ length: 6 }, (_, index) => BIG.with(0, index));
    const web = requestFor("web");
    await process.setManifest({ ...web, policies: [...web.policies, ...unnamed] }, undefined);
    for (const name of ["api", "web", "api"]) await process.setManifest(requestFor(name), WORKLOAD_OWNER);
    expect((await process.getManifests()).policies).toEqual([policyNamed("web").bytes, policyNamed("api").bytes]);
  });

  test("keeps no owner from replacing a manifest whose policy was lost", async () => {
    const { bench, answer } = await benchWithManifest();
    const second = await bench.start();
    await second.recover(openShares(answer), SHARE_OWNER);
    await bench.replace(`policies/${policyNamed("web").hash}`, () => undefined);
    await second.setManifest(requestFor("api"), WORKLOAD_OWNER);
    expect(second.generations).toEqual([1, 2]);
  });
});
