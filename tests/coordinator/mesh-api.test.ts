import { describe, expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { meshApiService } from "../../src/coordinator/mesh-api.ts";
import { NewMeshCertRequestSchema, type NewMeshCertResponse } from "../../src/proto/meshapi_pb.ts";
import {
  BENCH_TIME,
  benchWithManifest,
  policyNamed,
  requestFor,
  STRANGER,
  WORKLOAD_OWNER,
} from "../fakes/authority-bench.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { callBy, callOf, statusOfCall } from "../fakes/service-call.ts";
import { snpEvidence } from "../fakes/workload-evidence.ts";

const REQUEST = create(NewMeshCertRequestSchema);

async function running(request = requestFor("web")) {
  const { first } = await benchWithManifest(request);
  const log = recordLog();
  const service = meshApiService({ authority: first, now: () => BENCH_TIME, log });
  return { authority: first, snapshot: await first.current(), log, service };
}

describe("meshApiService()", () => {
  test("answers an attested workload, and logs no secret", async () => {
    const { snapshot, service, log } = await running();
    const context = callBy(STRANGER, snapshot, snpEvidence(policyNamed("web").hash));
    const answer = await callOf<NewMeshCertResponse, typeof snapshot>(service, "newMeshCert", REQUEST, context);
    expect(Buffer.from(answer.MeshCACert).toString()).toBe(snapshot.ca.meshPem);
    expect(Buffer.from(answer.CertChain).toString()).toEndWith(snapshot.ca.intermediatePem);
    expect(Buffer.from(answer.RootCACert).toString()).toBe(snapshot.ca.rootPem);
    expect(answer.WorkloadSecret).toHaveLength(64);
    const { hash } = policyNamed("web");
    expect(log.lines).toEqual([
      "info NewMeshCert called {}",
      `info NewMeshCert succeeded ${JSON.stringify({ policyHash: hash })}`,
    ]);
    expect(service.names).toEqual(["meshapi.MeshAPI"]);
  });

  test("leaves the secret out where there is none", async () => {
    const { snapshot, service } = await running(
      requestFor("web", ({ Policies }) => {
        for (const entry of Object.values(Policies)) entry.WorkloadSecretID = "";
      }),
    );
    const context = callBy(STRANGER, snapshot, snpEvidence(policyNamed("web").hash));
    expect(await callOf<object, typeof snapshot>(service, "newMeshCert", REQUEST, context)).not.toHaveProperty(
      "WorkloadSecret",
    );
  });

  test("refuses an unknown policy hash with its name", async () => {
    const { snapshot, service, log } = await running();
    const { hash } = policyNamed("other");
    const answer = callOf(service, "newMeshCert", REQUEST, callBy(STRANGER, snapshot, snpEvidence(hash)));
    expect(await statusOfCall(answer)).toBe("PermissionDenied");
    expect(log.lines.join("\n")).toContain(`policy hash ${hash} not found in manifest`);
  });

  test("has an unknown error for a manifest entry without names", async () => {
    const { snapshot, service } = await running(
      requestFor("web", ({ Policies }) => {
        for (const entry of Object.values(Policies)) entry.SANs = [];
      }),
    );
    const context = callBy(STRANGER, snapshot, snpEvidence(policyNamed("web").hash));
    expect(await statusOfCall(callOf(service, "newMeshCert", REQUEST, context))).toBe("Unknown");
  });

  test("has an unknown error for everything else", async () => {
    const { snapshot, service, log } = await running();
    const evidence = snpEvidence(policyNamed("web").hash);
    for (const context of [callBy(STRANGER, snapshot), callBy(undefined, snapshot, evidence)]) {
      expect(await statusOfCall(callOf(service, "newMeshCert", REQUEST, context))).toBe("Unknown");
      expect(log.lines.at(-1)).toContain('"coordinator/peer-unattested"');
    }
  });

  test("certifies nobody by a manifest that was replaced after the client had connected", async () => {
    const { authority, snapshot, service, log } = await running();
    const ask = (admission: typeof snapshot) =>
      statusOfCall(
        callOf(service, "newMeshCert", REQUEST, callBy(STRANGER, admission, snpEvidence(policyNamed("web").hash))),
      );
    expect(await ask(snapshot)).toBe("OK");
    await authority.setManifest(requestFor("api"), WORKLOAD_OWNER);
    expect(await ask(snapshot)).toBe("Unavailable");
    expect(log.lines.at(-1)).toContain('"coordinator/manifest-replaced"');
    await authority.setManifest(requestFor("web"), WORKLOAD_OWNER);
    expect(await ask(snapshot)).toBe("Unavailable");
    expect(await ask(await authority.current())).toBe("OK");
  });
});
