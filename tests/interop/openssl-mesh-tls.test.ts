import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from "../../src/coordinator/ca/certificate-authority.ts";
import { claimExtensions } from "../../src/coordinator/ca/claims.ts";
import { amdChip } from "../fakes/amd-chip.ts";
import { spkiOf } from "../fakes/certificate-builder.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const isReady = hasPrograms("TLS between workloads with OpenSSL", "openssl");

const now = new Date();
const rootKey = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
const claims = claimExtensions({ tee: "snp", snp: amdChip().evidence() });
const authority = createCertificateAuthority(rootKey, now);
const next = createCertificateAuthority(rootKey, now);
const children: Bun.Subprocess<"ignore", "pipe", "ignore">[] = [];
let directory = "";

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill();
    await child.exited;
  }
});

/** Flags by which openssl is a workload with certificates of an authority, and insists on a peer below `trusted`. */
function workload(name: string, ca: CertificateAuthority, trusted: string): readonly string[] {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const files = {
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    cert: ca.issue({ spkiDer: spkiOf(publicKey), sans: [name, "*"], claims, now }),
    cert_chain: ca.intermediatePem,
    CAfile: trusted,
  };
  const flags = Object.entries(files).flatMap(([flag, text]) => {
    const path = join(directory, `${name}-${flag}.pem`);
    writeFileSync(path, text);
    return [`-${flag}`, path];
  });
  return [...flags, "-verify_return_error"];
}

/** Starts a web server that demands a client certificate. @returns its port */
async function serve(flags: readonly string[]): Promise<number> {
  const command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-Verify", "3", ...flags];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  children.push(child);
  let text = "";
  for await (const chunk of child.stdout) {
    text += Buffer.from(chunk).toString();
    const port = /^ACCEPT .*:([0-9]+)$/m.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`openssl s_server did not start: ${text}`);
}

/** Asks for a page. @returns it, or what went wrong */
async function get(port: number, flags: readonly string[]): Promise<string> {
  const command = [
    "openssl",
    "s_client",
    "-connect",
    `127.0.0.1:${port}`,
    "-quiet",
    "-ign_eof",
    "-verify",
    "3",
    ...flags,
  ];
  const child = Bun.spawn(command, {
    stdin: Buffer.from("GET / HTTP/1.0\r\n\r\n"),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [page, trouble] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return page.includes("HTTP/1.0 200") ? page : trouble;
}

describe.skipIf(!isReady)("two workloads with certificates of createCertificateAuthority()", () => {
  test.each(["-tls1_2", "-tls1_3"])("speak mutual TLS under their mesh CA (%s)", async (version) => {
    const port = await serve(workload("web", authority, authority.meshPem));
    const client = workload("api", authority, authority.meshPem);
    const page = await get(port, [...client, version, "-verify_hostname", "web"]);
    expect(page).toContain("HTTP/1.0 200");
    expect(page).toContain("Subject: CN=api");
    expect(await get(port, [...client, version, "-verify_hostname", "other.example"])).toContain("hostname mismatch");
  });

  test("of different generations speak mutual TLS under their root, and not under a mesh CA", async () => {
    const byRoot = await serve(workload("web", authority, authority.rootPem));
    expect(await get(byRoot, workload("api", next, next.rootPem))).toContain("HTTP/1.0 200");
    expect(await get(byRoot, workload("api", next, next.meshPem))).toContain("verify failed");
    const byMesh = await serve(workload("web", authority, authority.meshPem));
    expect(await get(byMesh, workload("api", next, next.rootPem))).not.toContain("HTTP/1.0 200");
  });
});
