import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { claimExtensions } from "../../src/coordinator/ca/claims.ts";
import { newMeshCertificate } from "../../src/coordinator/mesh-certificate.ts";
import { parseCertificate } from "../../src/pki/x509/certificate.ts";
import { BENCH_TIME, benchWithManifest, policyNamed, requestFor, WORKLOAD_OWNER } from "../fakes/authority-bench.ts";
import { codeOf } from "../fakes/error-code.ts";
import type { PlainManifest } from "../fakes/plain-manifest.ts";
import { snpEvidence, tdxEvidence } from "../fakes/workload-evidence.ts";

const SPKI = new Uint8Array(
  generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "der" }),
);

/** A snapshot in which the workload `web` is as the test wants it. */
async function snapshotWith(change: (entry: PlainManifest["Policies"][string]) => void = () => {}) {
  const request = requestFor("web", ({ Policies }) => {
    for (const entry of Object.values(Policies)) change(entry);
  });
  const { first } = await benchWithManifest(request);
  return { process: first, snapshot: await first.current() };
}

function certificatesOf(pem: string): readonly X509Certificate[] {
  return [...pem.matchAll(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n/g)].map(
    ([block]) => new X509Certificate(block),
  );
}

describe("newMeshCertificate()", () => {
  test.each([
    ["SEV-SNP", snpEvidence],
    ["TDX", tdxEvidence],
  ])("certifies a workload on %s by the mesh CA and by the root", async (_name, evidenceOf) => {
    const { snapshot } = await snapshotWith();
    const evidence = evidenceOf(policyNamed("web").hash);
    const answer = newMeshCertificate(snapshot, evidence, SPKI, BENCH_TIME);
    const [leaf, intermediate, ...more] = certificatesOf(answer.certChainPem);
    const [mesh] = certificatesOf(answer.meshCaPem);
    const [root] = certificatesOf(answer.rootCaPem);
    if (!leaf || !intermediate || !mesh || !root) throw new Error("a certificate is missing");
    expect(more).toEqual([]);
    expect(leaf.verify(mesh.publicKey)).toBe(true);
    expect(leaf.verify(intermediate.publicKey)).toBe(true);
    expect(intermediate.verify(root.publicKey)).toBe(true);
    expect(leaf.subject).toBe("CN=web");
    expect(leaf.publicKey.export({ type: "spki", format: "der" })).toEqual(Buffer.from(SPKI));
    expect(answer.workloadSecret).toEqual(snapshot.seedEngine.workloadSecret("apps/v1/Deployment/default/web"));
  });

  test("states what the evidence says, then the ID of the workload secret if there is one", async () => {
    const evidence = snpEvidence(policyNamed("web").hash);
    for (const [id, expected] of [
      ["", []],
      ["vault", [{ oid: "1.3.9901.3.1", critical: false, value: Uint8Array.fromHex("04057661756c74") }]],
    ] as const) {
      const { snapshot } = await snapshotWith((entry) => (entry.WorkloadSecretID = id));
      const [leaf] = certificatesOf(newMeshCertificate(snapshot, evidence, SPKI, BENCH_TIME).certChainPem);
      const { extensions } = parseCertificate(leaf!.raw, "leaf");
      const claims = claimExtensions(evidence.value).map(({ oid, value }) => ({ oid, critical: false, value }));
      expect(extensions.slice(5)).toEqual([...claims, ...expected]);
    }
  });

  test("names addresses and domains", async () => {
    const { snapshot } = await snapshotWith((entry) => (entry.SANs = ["192.0.2.1", "web"]));
    const answer = newMeshCertificate(snapshot, snpEvidence(policyNamed("web").hash), SPKI, BENCH_TIME);
    const [leaf] = certificatesOf(answer.certChainPem);
    expect(leaf?.subject).toBe("CN=web");
    expect(leaf?.subjectAltName).toBe("DNS:web, IP Address:192.0.2.1");
  });

  test("gives no secret where the manifest names none", async () => {
    const { snapshot } = await snapshotWith((entry) => (entry.WorkloadSecretID = ""));
    const answer = newMeshCertificate(snapshot, snpEvidence(policyNamed("web").hash), SPKI, BENCH_TIME);
    expect(answer.workloadSecret).toBeUndefined();
  });

  test("refuses a policy that the manifest does not name", async () => {
    const { snapshot } = await snapshotWith();
    for (const evidence of [snpEvidence(policyNamed("other").hash), tdxEvidence(policyNamed("other").hash)]) {
      expect(codeOf(() => newMeshCertificate(snapshot, evidence, SPKI, BENCH_TIME))).toBe("coordinator/policy-unknown");
    }
  });

  test("refuses a TDX guest with something else than zeros behind the hash of its policy", async () => {
    const { snapshot } = await snapshotWith();
    const evidence = tdxEvidence(policyNamed("web").hash, 1);
    expect(codeOf(() => newMeshCertificate(snapshot, evidence, SPKI, BENCH_TIME))).toBe("coordinator/policy-unknown");
  });

  test("refuses an entry without names", async () => {
    const { snapshot } = await snapshotWith((entry) => (entry.SANs = []));
    const evidence = snpEvidence(policyNamed("web").hash);
    expect(codeOf(() => newMeshCertificate(snapshot, evidence, SPKI, BENCH_TIME))).toBe("coordinator/san-invalid");
  });

  test("certifies by the snapshot of the handshake, also after another manifest was set", async () => {
    const { process, snapshot } = await snapshotWith();
    await process.setManifest(requestFor("api"), WORKLOAD_OWNER);
    const later = await process.current();
    const evidence = snpEvidence(policyNamed("web").hash);
    const [leaf] = certificatesOf(newMeshCertificate(snapshot, evidence, SPKI, BENCH_TIME).certChainPem);
    const [oldMesh] = certificatesOf(snapshot.ca.meshPem);
    const [newMesh] = certificatesOf(later.ca.meshPem);
    const [newRoot] = certificatesOf(later.ca.rootPem);
    const [intermediate] = certificatesOf(snapshot.ca.intermediatePem);
    if (!leaf || !oldMesh || !newMesh || !newRoot || !intermediate) throw new Error("a certificate is missing");
    expect(leaf.verify(oldMesh.publicKey)).toBe(true);
    expect(leaf.verify(newMesh.publicKey)).toBe(false);
    expect(intermediate.verify(newRoot.publicKey)).toBe(true);
    expect(codeOf(() => newMeshCertificate(later, evidence, SPKI, BENCH_TIME))).toBe("coordinator/policy-unknown");
  });
});
