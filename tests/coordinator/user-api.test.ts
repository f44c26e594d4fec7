import { describe, expect, test } from "bun:test";
import { createHash, type KeyObject } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { userApiService } from "../../src/coordinator/user-api.ts";
import {
  GetManifestsRequestSchema,
  type GetManifestsResponse,
  RecoverRequestSchema,
  SetManifestRequestSchema,
  type SetManifestResponse,
} from "../../src/proto/userapi_pb.ts";
import { PreparedAnswer } from "../../src/rpc/serve/prepared-answer.ts";
import { AuthorityBench, openShares, requestFor, SHARE_OWNER, WORKLOAD_OWNER } from "../fakes/authority-bench.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { callBy, callOf as call, statusOfCall } from "../fakes/service-call.ts";

async function running() {
  const bench = new AuthorityBench();
  const authority = await bench.start();
  const log = recordLog();
  const service = userApiService({ authority, log });
  const by = (key: KeyObject | undefined) => callBy(key, undefined);
  return { bench, authority, service, log, by };
}

describe("userApiService()", () => {
  test("serves both names", async () => {
    const { service } = await running();
    expect(service.names).toEqual(["edgelesssys.contrast.userapi.UserAPI", "userapi.UserAPI"]);
  });

  test("names owners in lower case, as recover looks for them", async () => {
    const { service, by } = await running();
    const { manifest, policies } = requestFor("web", (parsed) => {
      parsed.SeedshareOwnerPubKeys = (parsed.SeedshareOwnerPubKeys ?? []).map((key) => key.toUpperCase());
    });
    const set = create(SetManifestRequestSchema, { Manifest: manifest, Policies: [...policies] });
    const { SeedSharesDoc } = await call<SetManifestResponse, unknown>(service, "setManifest", set, by(undefined));
    expect(SeedSharesDoc?.SeedShares.map(({ PublicKey }) => /^[0-9a-f]+$/.test(PublicKey))).toEqual([true]);
  });

  test("plays first manifest, history, update and recovery", async () => {
    const { bench, service, log, by } = await running();
    const { manifest, policies } = requestFor("web");
    const set = create(SetManifestRequestSchema, { Manifest: manifest, Policies: [...policies] });
    const first = await call<SetManifestResponse, unknown>(service, "setManifest", set, by(undefined));
    expect(Buffer.from(first.RootCA).toString()).toStartWith("-----BEGIN CERTIFICATE-----\n");
    expect(first.SeedSharesDoc?.salt).toHaveLength(32);
    const history = await call<GetManifestsResponse, unknown>(
      service,
      "getManifests",
      create(GetManifestsRequestSchema),
      by(undefined),
    );
    expect(history).toMatchObject({
      Manifests: [manifest],
      Policies: policies,
      RootCA: first.RootCA,
      MeshCA: first.MeshCA,
    });
    const TransitionHash = history.LatestTransition?.TransitionHash ?? new Uint8Array();
    expect(TransitionHash).toHaveLength(32);
    expect(history.LatestTransition?.Signature.length).toBeGreaterThan(64);
    const api = requestFor("api");
    const update = create(SetManifestRequestSchema, {
      Manifest: api.manifest,
      Policies: [...api.policies],
      PreviousTransitionHash: TransitionHash,
    });
    const second = await call<SetManifestResponse, unknown>(service, "setManifest", update, by(WORKLOAD_OWNER));
    expect(second.SeedSharesDoc).toBeUndefined();
    expect(await statusOfCall(call(service, "setManifest", update, by(WORKLOAD_OWNER)))).toBe("FailedPrecondition");
    expect(log.lines).toContain("info SetManifest called {}");
    const hash = createHash("sha256").update(api.manifest).digest("hex");
    expect(log.lines).toContain(`info SetManifest succeeded ${JSON.stringify({ manifest: hash })}`);

    const [share] = first.SeedSharesDoc?.SeedShares ?? [];
    const { seed, salt } = openShares({
      rootCaPem: "",
      meshCaPem: "",
      seedShares: {
        shares: [{ publicKeyHex: share?.PublicKey ?? "", encryptedSeed: share?.EncryptedSeed ?? new Uint8Array() }],
        salt: first.SeedSharesDoc?.salt ?? new Uint8Array(),
      },
    });
    const restarted = userApiService({ authority: await bench.start(), log });
    const recovery = create(RecoverRequestSchema, { Seed: seed.slice(), Salt: salt });
    expect(await statusOfCall(call(restarted, "recover", recovery, by(WORKLOAD_OWNER)))).toBe("PermissionDenied");
    expect(recovery.Seed).toEqual(new Uint8Array(64));
    recovery.Seed = seed.slice();
    expect(await statusOfCall(call(restarted, "recover", recovery, by(SHARE_OWNER)))).toBe("OK");
    expect(
      log.lines.some((line) =>
        line.startsWith('warn Recover failed {"status":"PermissionDenied","error":"coordinator/recovery-denied"'),
      ),
    ).toBe(true);
    const seedHex = Buffer.from(seed).toString("hex");
    expect(log.lines.join("\n")).not.toContain(seedHex.slice(0, 16));
  });

  test("checks a signature", async () => {
    const { service, by } = await running();
    const { manifest, policies } = requestFor("web");
    const Signature = new Uint8Array(70).fill(0x30);
    const set = create(SetManifestRequestSchema, { Manifest: manifest, Policies: [...policies], Signature });
    expect(await statusOfCall(call(service, "setManifest", set, by(WORKLOAD_OWNER)))).toBe("PermissionDenied");
  });

  test("wants much from anybody before there is a manifest, and then from its owners only", async () => {
    const { service, log, by } = await running();
    const admit = async (key: KeyObject | undefined): Promise<string> =>
      await statusOfCall(service.admitLarge!(by(key)));
    expect(await admit(undefined)).toBe("OK");
    const { manifest, policies } = requestFor("web");
    const set = create(SetManifestRequestSchema, { Manifest: manifest, Policies: [...policies] });
    await call(service, "setManifest", set, by(undefined));
    expect(await admit(undefined)).toBe("PermissionDenied");
    expect(await admit(SHARE_OWNER)).toBe("PermissionDenied");
    expect(await admit(WORKLOAD_OWNER)).toBe("OK");
    expect(log.lines.join("\n")).toContain("coordinator/caller-unknown");
  });

  test("tells the history to many from the same bytes, and encodes it anew after a change", async () => {
    const { service, by } = await running();
    const { manifest, policies } = requestFor("web");
    await call(
      service,
      "setManifest",
      create(SetManifestRequestSchema, { Manifest: manifest, Policies: [...policies] }),
      by(undefined),
    );
    const ask = async (): Promise<unknown> =>
      await service.methods["getManifests"]?.(create(GetManifestsRequestSchema), by(undefined));
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first).toBeInstanceOf(PreparedAnswer);
    expect(second).toBe(first);
    const next = requestFor("api");
    const update = create(SetManifestRequestSchema, { Manifest: next.manifest, Policies: [...next.policies] });
    await call(service, "setManifest", update, by(WORKLOAD_OWNER));
    expect(await ask()).not.toBe(first);
  });
});
