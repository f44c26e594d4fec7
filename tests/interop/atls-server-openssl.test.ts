import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createNonce } from "../../src/attestation/atls/nonce.ts";
import { reportDataOf } from "../../src/attestation/report-data.ts";
import { parseCertificate } from "../../src/pki/x509/certificate.ts";
import { type TestAtlsService, useAtlsServices } from "../fakes/atls/atls-service.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const IS_READY = hasPrograms("a server of attested TLS with OpenSSL", "openssl");
const serve = useAtlsServices();
const directory = temporaryDirectory();

/** Connects with `openssl s_client` and ends its input. @returns all that it printed */
async function sClient({ port }: TestAtlsService, flags: readonly string[], input = ""): Promise<string> {
  const command = ["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-showcerts", ...flags];
  const child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  const texts = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  await child.stdin.write(input);
  // It reads tickets, which come after the handshake, only while it has input.
  if (input === "") await Bun.sleep(100);
  await child.stdin.end();
  await child.exited;
  return (await texts).join("");
}

function nonceFlags(nonce = createNonce()): readonly string[] {
  return ["-servername", nonce.toBase64(), "-alpn", "h2"];
}

const VERSIONS = ["-tls1_2", "-tls1_3"];

describe.if(IS_READY)("startAtlsService() with OpenSSL as client", () => {
  test.each(VERSIONS)("names one authority, which is a new nonce each time, %s", async (version) => {
    const service = await serve();
    const texts = [
      await sClient(service, [...nonceFlags(), version]),
      await sClient(service, [...nonceFlags(), version]),
    ];
    const names = texts.map((text) => {
      const [, list = ""] = /Acceptable client certificate CA names\n((?:.*CN ?= ?.*\n)+)/.exec(text) ?? [];
      return list.trim().split("\n");
    });
    expect(names.map((list) => list.length)).toEqual([1, 1]);
    const nonces = names.map(([name = ""]) => name.replace(/^.*CN ?= ?/, ""));
    expect(nonces.map((nonce) => Buffer.from(nonce, "base64").length)).toEqual([32, 32]);
    expect(new Set(nonces).size).toBe(2);
    for (const text of texts) expect(text).toContain("ALPN protocol: h2");
  });

  test.each(VERSIONS)("presents one certificate with evidence over key and nonce, %s", async (version) => {
    const service = await serve();
    const nonce = createNonce();
    const text = await sClient(service, [...nonceFlags(nonce), version]);
    const pems = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    // s_client prints the chain and once more the server's own.
    expect(new Set(pems).size).toBe(1);
    const der = new Uint8Array(new X509Certificate(pems[0] ?? "").raw);
    const certificate = parseCertificate(der, "the certificate of the server");
    expect(certificate.extensions.map(({ oid, critical }) => [oid, critical])).toEqual([["1.3.9901.2.1", false]]);
    expect(certificate.extensions[0]?.value).toEqual(reportDataOf(certificate.spkiDer, nonce));
    expect([certificate.version, certificate.spkiDer.length]).toEqual([3, 91]);
  });

  test("gives no ticket and resumes no session, TLS 1.2", async () => {
    let served = 0;
    const service = await serve({ onConnection: () => void served++ });
    const session = join(directory, "session.pem");
    const first = await sClient(service, [...nonceFlags(), "-tls1_2", "-sess_out", session]);
    expect(first).not.toMatch(/session ticket/i);
    const again = await sClient(service, [...nonceFlags(), "-tls1_2", "-sess_in", session]);
    expect(again).toContain("Acceptable client certificate CA names");
    expect(again).not.toContain("Reused");
    expect(served).toBe(2);
  });

  test("gives no ticket, without which there is no session, TLS 1.3", async () => {
    // Tickets go with the first bytes of the server.
    const service = await serve({ onConnection: ({ socket }) => void socket.write("x") });
    const text = await sClient(service, [...nonceFlags(), "-tls1_3", "-sess_out", join(directory, "none.pem")]);
    expect(text).toContain("ALPN protocol: h2");
    expect(text).not.toMatch(/session ticket/i);
    expect(existsSync(join(directory, "none.pem"))).toBe(false);
  });

  test("makes no second handshake on a connection", async () => {
    const service = await serve({ onConnection: ({ socket }) => void socket.resume() });
    const text = await sClient(service, [...nonceFlags(), "-tls1_2"], "R\n");
    expect(text).toContain("RENEGOTIATING");
    expect(text.split("Acceptable client certificate CA names").length).toBe(2);
  });

  test.each([
    ["without server name", ["-noservername", "-alpn", "h2"], "alert internal error"],
    ["with the name of a host", ["-servername", "coordinator.example", "-alpn", "h2"], "alert internal error"],
    ["without HTTP/2", ["-servername", createNonce().toBase64()], "alert no application protocol"],
    ["of TLS 1.1", [...nonceFlags(), "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], "alert protocol version"],
  ])("refuses a client %s", async (_what, flags, alert) => {
    const service = await serve();
    expect(await sClient(service, flags)).toContain(alert);
    expect(service.served.length).toBe(0);
  });
});
