import { afterEach, describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAtls } from "../../src/attestation/atls/connect.ts";
import type { Evidence } from "../../src/attestation/evidence.ts";
import type { EvidenceValidator } from "../../src/attestation/validator.ts";
import { concludeVerdict } from "../../src/attestation/verdict.ts";
import { dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { certificatePem, derCertificate } from "../fakes/atls/der-certificate.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const IS_READY = hasPrograms("attested TLS with OpenSSL", "openssl");
const directory = temporaryDirectory();
const children: Bun.Subprocess<"pipe", "pipe", "ignore">[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill();
    await child.exited;
  }
});

/** A certificate whose evidence says nothing: these tests are about TLS. */
function certificateOf(key: KeyObject): string {
  const extensions = [{ oid: "1.3.9901.2.1", value: new Uint8Array(64) }];
  return certificatePem(derCertificate({ key, extensions }));
}

const acceptAll: EvidenceValidator = () => {
  const checks = [{ id: "none", subject: "none", outcome: "passed" }] as const;
  return Promise.resolve(concludeVerdict({} as Evidence, [{ name: "request", checks }], undefined));
};

/** Starts `openssl s_server`. @returns its port */
async function startServer(keyPem: string, certPem: string, flags: string): Promise<number> {
  const [keyPath, certPath] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  writeFileSync(keyPath, keyPem);
  writeFileSync(certPath, certPem);
  const command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-key", keyPath, "-cert", certPath];
  const child = Bun.spawn([...command, ...flags.split(" ")], { stdin: "pipe", stdout: "pipe", stderr: "ignore" });
  children.push(child);
  return await acceptedPort(child.stdout);
}

const OPTIONS = { clientKey: undefined, validate: acceptAll, signal: new AbortController().signal, timeoutMs: 10_000 };

async function connectTo(keyPem: string, certPem: string, flags: string): ReturnType<typeof connectAtls> {
  const port = await startServer(keyPem, certPem, flags);
  return await connectAtls({ ...OPTIONS, endpoint: { host: "127.0.0.1", port }, now: new Date() });
}

async function acceptedPort(stdout: ReadableStream<Uint8Array>): Promise<number> {
  let text = "";
  const reader = stdout.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    text += Buffer.from(value ?? []).toString();
    const port = /^ACCEPT .*:([0-9]+)$/m.exec(text)?.[1];
    if (port !== undefined) {
      void drain(reader);
      return Number(port);
    }
    if (done) throw new Error(`openssl s_server did not start: ${text}`);
  }
}

/** What it prints later must be read too, or it stops once its pipe is full. */
async function drain(reader: { read(): Promise<{ done: boolean }> }): Promise<void> {
  while (!(await reader.read()).done);
}

/** Private half of one key, public half of another: OpenSSL believes the file, and signs with a key it does not show. */
function keyThatLies(hidden: KeyObject, shown: KeyObject): string {
  const { d = "" } = hidden.export({ format: "jwk" });
  const { x = "", y = "" } = shown.export({ format: "jwk" });
  const bytes = [d, x, y].map((part) => Buffer.from(part, "base64url").toString("hex").padStart(64, "0"));
  const der = `30770201010420${bytes[0]}a00a06082a8648ce3d030107a14403420004${bytes[1]}${bytes[2]}`;
  const base64 = Buffer.from(der, "hex").toString("base64");
  return `-----BEGIN EC PRIVATE KEY-----\n${(base64.match(/.{1,64}/g) ?? []).join("\n")}\n-----END EC PRIVATE KEY-----\n`;
}

function newKey(namedCurve = "P-256"): KeyObject {
  return generateKeyPairSync("ec", { namedCurve }).privateKey;
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" });
}

describe.if(IS_READY)("connectAtls() with OpenSSL as server", () => {
  test("lets the server make no second handshake", async () => {
    const key = newKey();
    const { socket, close } = await connectTo(pem(key), certificateOf(key), "-alpn h2 -tls1_2");
    const isEnded = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    // OpenSSL asks for another handshake, and gives up when that is refused.
    const input = children.at(-1)?.stdin;
    await input?.write("R\n");
    await input?.flush();
    await isEnded;
    close();
  });

  test.each([
    ["TLSv1.2", "-alpn h2 -tls1_2"],
    ["TLSv1.3", "-alpn h2 -tls1_3"],
    ["TLSv1.3", "-alpn h2 -tls1_3 -groups P-384"],
    ["TLSv1.3", "-alpn h2 -tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256"],
    ["TLSv1.3", "-alpn h2 -tls1_3 -Verify 1"],
    ["TLSv1.2", "-alpn h2 -tls1_2 -Verify 1"],
  ])("agrees on %s with %s", async (version, flags) => {
    const key = newKey();
    const { socket, close } = await connectTo(pem(key), certificateOf(key), flags);
    expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, "h2"]);
    close();
  });

  test("takes a certificate with a key on P-384", async () => {
    const key = newKey("P-384");
    const { attestation, close } = await connectTo(pem(key), certificateOf(key), "-alpn h2");
    expect(attestation.spkiDer.length).toBe(120);
    close();
  });

  test.each(["-tls1_2", "-tls1_3"])("refuses a peer that signs with another key than it shows, %s", async (version) => {
    const shown = newKey();
    const lying = keyThatLies(newKey(), shown);
    expect(await codeOfAsync(() => connectTo(lying, certificateOf(shown), `-alpn h2 ${version}`))).toBe(
      "atls/key-unproven",
    );
    const honest = keyThatLies(shown, shown);
    const { close } = await connectTo(honest, certificateOf(shown), `-alpn h2 ${version}`);
    close();
  });

  test.each(["-tls1_1", "-tls1"])("refuses %s", async (version) => {
    const key = newKey();
    const flags = `-alpn h2 ${version} -cipher DEFAULT@SECLEVEL=0`;
    expect(await codeOfAsync(() => connectTo(pem(key), certificateOf(key), flags))).toBe("atls/handshake-refused");
  });

  test("tells that the server refused the client, in TLS 1.2 during the handshake, in TLS 1.3 with the first call", async () => {
    const key = newKey();
    const flags = "-alpn h2 -Verify 1 -verify_return_error";
    const early = (): Promise<unknown> => connectTo(pem(key), certificateOf(key), `${flags} -tls1_2`);
    expect(await codeOfAsync(early)).toBe("atls/handshake-refused");
    const port = await startServer(pem(key), certificateOf(key), `${flags} -tls1_3`);
    const session = await dialCoordinator({ host: "127.0.0.1", port }, { ...OPTIONS, now: () => new Date() });
    expect(await codeOfAsync(() => session.getManifests())).toBe("rpc/unavailable");
    session.close();
  });

  test("refuses a server that knows nothing of HTTP/2", async () => {
    const key = newKey();
    expect(await codeOfAsync(() => connectTo(pem(key), certificateOf(key), "-tls1_3"))).toBe("atls/no-http2");
  });
});
