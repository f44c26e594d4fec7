import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { EVIDENCE_OIDS } from "../../src/attestation/validator.ts";
import { derUtf8 } from "../../src/pki/der-writer.ts";
import { amdName } from "../fakes/amd-authority.ts";
import { amdChip } from "../fakes/amd-chip.ts";
import { certificatePem, derCertificate } from "../fakes/atls/der-certificate.ts";
import type { AttestedDeployment } from "../fakes/attested-deployment.ts";
import { CoordinatorState } from "../fakes/coordinator-state.ts";
import { AttestBench, TRUST } from "./attest-bench.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const bench = new AttestBench();

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  bench.onEnd(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A proxy that answers everything itself, and remembers what it was asked for. */
async function hostileProxy(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const remember = ({ method, url }: IncomingMessage): void => void asked.push(`${method} ${url}`);
  const server = createServer((request, response) => {
    remember(request);
    response.end("you have been redirected");
  });
  server.on("connect", (request, socket) => {
    remember(request);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  return { url: `http://127.0.0.1:${await portOf(server)}`, asked };
}

/** What an attacker, or somebody in a hurry, may have set. */
async function hostileEnvironment(
  deployment: AttestedDeployment,
): Promise<{ env: Readonly<Record<string, string>>; asked: readonly string[] }> {
  const { url, asked } = await hostileProxy();
  const { path } = deployment;
  const env = {
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
    NODE_EXTRA_CA_CERTS: path("roots.pem"),
    SSL_CERT_FILE: path("roots.pem"),
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    ALL_PROXY: url,
    http_proxy: url,
    https_proxy: url,
  };
  const lines = Object.entries({ ...env, CONTRAST_CACHE_DIR: path("planted"), FORCE_COLOR: "1" });
  writeFileSync(path(".env"), lines.map(([name, value]) => `${name}=${value}\n`).join(""));
  writeFileSync(path("bunfig.toml"), 'preload = ["./evil.ts"]\n');
  writeFileSync(path("evil.ts"), 'console.log("EVIL CODE RAN"); process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";\n');
  return { env, asked };
}

describe("contrast in hostile surroundings", () => {
  test.concurrent("attests as ever, and never by way of a proxy", async () => {
    const deployment = bench.deployment();
    const { directory } = deployment;
    const { env, asked } = await hostileEnvironment(deployment);
    const server = await bench.coordinator(deployment);
    const calm = bench.copyOf(directory);
    for (const words of [["set", "resources"], ["verify"]]) {
      const [command = "", ...more] = words;
      const { status, stdout } = await bench.run(directory, [command, "-c", server.address, ...TRUST, ...more], {
        env,
      });
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^✔️/)]);
      expect(stdout).not.toMatch(/EVIL|\u001b/);
    }
    expect(asked).toEqual([]);
    expect(existsSync(deployment.path("planted"))).toBe(false);
    for (const trouble of ["wrong-nonce", "other-key", "no-evidence"] as const) {
      const bad = await bench.coordinator(deployment, { trouble });
      const { status } = await bench.runJson(directory, ["verify", "-c", bad.address, ...TRUST], { env });
      expect([trouble, status]).toEqual([trouble, 3]);
    }
    // Roots that the environment names are not those of hardware.
    const words = ["verify", "-c", server.address, "--offline", "--collateral", "collateral.tar"];
    const real = await bench.runJson(directory, words, { env });
    expect([real.status, real.json.code, real.json.insecure]).toEqual([3, "attestation/rejected", undefined]);
    expect(await bench.runJson(calm, words)).toMatchObject({ status: 3, json: { code: "attestation/rejected" } });
  });

  test.concurrent("takes nothing from a proxy that a vendor did not sign", async () => {
    const deployment = bench.deployment("snp");
    const { env, asked } = await hostileEnvironment(deployment);
    const services = await bench.vendorServices(...deployment.collateral);
    const server = await bench.coordinator(deployment, { state: deployment.setState() });
    const mirror = services.mirrors.kds.replace("127.0.0.1", "mirror.invalid");
    const words = ["verify", "-c", server.address, "--kds-mirror", mirror, "--insecure-trust-roots", "roots.pem"];
    const { status, json } = await bench.runJson(deployment.directory, words, { env });
    expect([status, json.code]).toEqual([6, "attestation/unchecked"]);
    expect(asked.length).toBe(2);
    expect(asked.every((line) => line.startsWith("GET http://mirror.invalid"))).toBe(true);
  });

  test.concurrent("believes no TLS server that nobody vouches for", async () => {
    const deployment = bench.deployment("snp");
    const { privateKey: key } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const cert = certificatePem(derCertificate({ key, commonName: "localhost" }));
    let asked = 0;
    const mirror = createTlsServer({ key: key.export({ type: "pkcs8", format: "pem" }), cert }, (_, response) => {
      asked++;
      response.end();
    });
    const server = await bench.coordinator(deployment, { state: deployment.setState() });
    const kds = ["--kds-mirror", `https://localhost:${await portOf(mirror)}`];
    const words = ["verify", "-c", server.address, ...kds, "--insecure-trust-roots", "roots.pem"];
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    const { status, stdout } = await bench.runJson(deployment.directory, words, { env });
    expect([status, asked]).toEqual([6, 0]);
    expect(stdout).toContain("no trusted TLS connection");
  });
});

describe("contrast --log-level debug", () => {
  test.concurrent("never shows a seed or a private key", async () => {
    const deployment = bench.deployment();
    const server = await bench.coordinator(deployment);
    const shown: string[] = [];
    for (const words of [
      ["set", "resources"],
      ["set", "resources"],
      ["verify"],
      ["recover", "--dry-run"],
      ["recover"],
    ]) {
      if (words[0] === "recover") server.state.restart();
      const [command = "", ...more] = words;
      const all = [command, "-c", server.address, ...TRUST, ...more, "--log-level", "debug"];
      const { status, stdout, stderr } = await bench.run(deployment.directory, all);
      expect(status, stderr).toBe(0);
      shown.push(stdout, stderr);
    }
    const text = shown.join("\n");
    expect(text).toContain("level=DEBUG");
    expect(text).not.toContain("PRIVATE KEY");
    const seed = Buffer.from(server.state.seed);
    const scalar = Buffer.from(deployment.workloadOwner.export({ format: "jwk" }).d ?? "", "base64url");
    const exponent = Buffer.from(deployment.shareOwner.export({ format: "jwk" }).d ?? "", "base64url");
    for (const secret of [seed, scalar, exponent]) {
      // The middle, so that no alignment or leading zero hides it.
      const part = secret.subarray(6, 24);
      for (const form of ["hex", "base64", "base64url", "latin1"] as const)
        expect(text).not.toContain(part.toString(form));
    }
  });
});

describe("contrast verify", () => {
  const evil = "\u001b[2J\u001b]0;owned\u0007\u202e\r\n✔️ Successfully verified";

  class TalkativeState extends CoordinatorState {
    override getManifests(): never {
      throw new ConnectError(`something is wrong${evil}`, Code.Internal);
    }
  }

  test.concurrent("makes control characters in a server's text visible", async () => {
    const deployment = bench.deployment();
    const server = await bench.coordinator(deployment, { state: new TalkativeState() });
    const { status, stdout, stderr } = await bench.run(deployment.directory, [
      "verify",
      "-c",
      server.address,
      ...TRUST,
    ]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("something is wrong");
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(stderr).not.toMatch(/^✔️/m);
  });

  test.concurrent("makes control characters in the names of certificates visible", async () => {
    const deployment = bench.deployment("snp");
    const chip = amdChip();
    const hostData = Uint8Array.fromHex(deployment.coordinatorHash);
    const leaf = chip.certificate({ parts: { subject: amdName(`SEV-VCEK${evil}`, derUtf8) } });
    const server = await bench.coordinator(deployment, {
      evidence: (reportData) => ({
        oid: EVIDENCE_OIDS.snp,
        value: chip.attestation({ reportData, hostData }, { leaf }),
      }),
    });
    const words = ["verify", "-c", server.address, ...TRUST];
    const { status, stdout, stderr } = await bench.run(deployment.directory, words);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("SEV-VCEK");
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(stderr).not.toMatch(/^✔️/m);
    const json = await bench.runJson(deployment.directory, words);
    expect(json.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
