import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { workloadCertificate, workloadEnvironment } from "../../src/sandbox/workload-certificate.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { plannedSandbox, plannedWorkload } from "../fakes/sandbox.ts";

const FILES = ["certChain.pem", "key.pem", "mesh-ca.pem", "coordinator-root-ca.pem"];

describe("workloadEnvironment()", () => {
  test.each(FILES)("refuses a workload without %s", async (missing) => {
    const { directory } = await plannedSandbox();
    const web = plannedWorkload("web", "01");
    const tls = join(directory.workloads, web.id, "tls-config");
    mkdirSync(tls, { recursive: true });
    for (const name of FILES) writeFileSync(join(tls, name), "");
    expect(Object.keys(await workloadEnvironment(directory, web))).toEqual([
      "CONTRAST_WORKLOAD",
      "CONTRAST_DIR",
      "CONTRAST_TLS_DIR",
      "CONTRAST_CERT_CHAIN",
      "CONTRAST_KEY",
      "CONTRAST_MESH_CA",
      "CONTRAST_ROOT_CA",
    ]);
    rmSync(join(tls, missing));
    expect(await codeOfAsync(() => workloadEnvironment(directory, web))).toBe("sandbox/no-certificate");
  });
});

describe("workloadCertificate()", () => {
  test("is none while there is no file, and where it is damaged", async () => {
    const { directory } = await plannedSandbox();
    const web = plannedWorkload("web", "01");
    expect(await workloadCertificate(directory, web)).toBeUndefined();
    mkdirSync(join(directory.workloads, web.id, "tls-config"), { recursive: true });
    writeFileSync(join(directory.workloads, web.id, "tls-config", "certChain.pem"), "-----BEGIN CERTIFICATE-----\n");
    expect(await workloadCertificate(directory, web)).toBeUndefined();
  });
});
