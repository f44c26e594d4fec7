import { afterEach, describe, expect, test } from "bun:test";
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectMutualAtls, type MutualAtlsConnection } from "../../src/attestation/atls/connect-mutual.ts";
import { parseCertificate } from "../../src/pki/x509/certificate.ts";
import { certificatePem, derCertificate } from "../fakes/atls/der-certificate.ts";
import { REPORT_DATA_ISSUER } from "../fakes/atls/report-data-issuer.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const children: Bun.Subprocess<"pipe", "pipe", "pipe">[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill();
    await child.exited;
  }
});

interface Started {
  readonly port: number;
  /** All that the server prints, once it holds what is looked for. */
  readonly printed: (wanted: RegExp) => Promise<string>;
}

/** Starts `openssl s_server` that accepts authorities of these names. */
async function startServer(names: readonly string[], flags: readonly string[]): Promise<Started> {
  const newKey = (): typeof KEY => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const key = newKey();
  const [keyPath, certPath, caPath] = ["key.pem", "cert.pem", "ca.pem"].map((name) => join(directory, name));
  writeFileSync(keyPath!, key.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(certPath!, certificatePem(derCertificate({ key })));
  const authorities = names.map((commonName) => certificatePem(derCertificate({ key: newKey(), commonName })));
  writeFileSync(caPath!, authorities.join(""));
  const common = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-key", keyPath!, "-cert", certPath!, "-alpn", "h2"];
  const asking = names.length === 0 ? [] : ["-Verify", "1", "-CAfile", caPath!];
  const child = Bun.spawn([...common, ...asking, ...flags], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  children.push(child);
  let text = "";
  let wake: () => void = () => {};
  const read = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    for await (const chunk of stream) {
      text += Buffer.from(chunk).toString();
      wake();
    }
  };
  void read(child.stdout);
  void read(child.stderr);
  const printed = async (wanted: RegExp): Promise<string> => {
    while (!wanted.test(text)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return text;
  };
  const port = Number(/^ACCEPT .*:([0-9]+)$/m.exec(await printed(/^ACCEPT .*:[0-9]+$/m))?.[1]);
  return { port, printed };
}

function dial(port: number): Promise<MutualAtlsConnection> {
  return connectMutualAtls({
    endpoint: { host: "127.0.0.1", port },
    key: KEY,
    issuer: REPORT_DATA_ISSUER,
    validate: undefined,
    now: new Date(),
    signal: new AbortController().signal,
    timeoutMs: 10_000,
  });
}

describe.if(hasPrograms("mutual attested TLS with OpenSSL", "openssl"))("connectMutualAtls() with OpenSSL", () => {
  test.each([
    ["TLS_AES_128_GCM_SHA256", ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"]],
    ["TLS_AES_256_GCM_SHA384", ["-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"]],
    ["TLS_CHACHA20_POLY1305_SHA256", ["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"]],
    // None of the shares that the client offers first.
    ["TLS_AES_128_GCM_SHA256", ["-tls1_3", "-groups", "P-384", "-ciphersuites", "TLS_AES_128_GCM_SHA256"]],
    ["TLS_CHACHA20_POLY1305_SHA256", ["-tls1_3", "-groups", "P-384", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"]],
    ["ECDHE-ECDSA-AES256-GCM-SHA384", ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"]],
    ["ECDHE-ECDSA-CHACHA20-POLY1305", ["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"]],
  ])("shows evidence over the server's nonce with %s and %j", async (suite, flags) => {
    const nonce = randomBytes(32);
    const { port, printed } = await startServer([nonce.toString("base64")], [...flags, "-msg"]);
    const { socket, close } = await dial(port);
    // The server prints the certificate of its client when the handshake is done.
    const text = await printed(/Client certificate[^]*END CERTIFICATE[^]*CIPHER is/);
    expect(text).toContain(`CIPHER is ${suite}`);
    expect(text.match(/ClientHello/g)?.length).toBe(flags.includes("-groups") ? 2 : 1);
    const pem = /Client certificate\n(-----BEGIN[^]*?END CERTIFICATE-----)/.exec(text)?.[1] ?? "";
    const { extensions, spkiDer } = parseCertificate(new Uint8Array(new X509Certificate(pem).raw), "certificate");
    const spki = createPublicKey(KEY).export({ type: "spki", format: "der" });
    expect(Buffer.from(spkiDer)).toEqual(spki);
    const bound = createHash("sha512").update(spki).update(nonce).digest("hex");
    expect(extensions.map(({ value }) => value.toHex())).toEqual([bound]);
    expect(socket.alpnProtocol).toBe("h2");
    close();
  });

  test.each(["-tls1_2", "-tls1_3"])("refuses a server without a nonce, or with two, %s", async (version) => {
    const names = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
    const { port: two } = await startServer(names, [version]);
    expect(await codeOfAsync(() => dial(two))).toBe("atls/server-nonce-invalid");
    const { port: none } = await startServer([], [version]);
    expect(await codeOfAsync(() => dial(none))).toBe("atls/no-certificate-request");
    const { port: unnamed } = await startServer([], [version, "-Verify", "1"]);
    expect(await codeOfAsync(() => dial(unnamed))).toBe("atls/server-nonce-invalid");
  });
});
