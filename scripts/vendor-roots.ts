// Writes src/attestation/roots/vendor-roots.json: the root certificates of AMD and Intel that evidence is checked
// against, taken from Go modules of pinned version and checksum. Needs a Go toolchain.
// With --check: fails when the committed file does not hold exactly the certificates whose fingerprints are recorded
// here, or differs from the modules where those are at hand; needs neither Go nor network.
import { createHash, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

interface Module {
  readonly path: string;
  readonly version: string;
  /** As in go.sum; `go` also asks the public checksum database. */
  readonly sum: string;
  readonly files: readonly string[];
}

const MODULES: readonly Module[] = [
  {
    path: "github.com/google/go-sev-guest",
    version: "v0.15.0",
    sum: "h1:Xzfut5mbhcVb7TyPiyc5PolLUzdai7VH3QpyvXwcW9Y=",
    files: [
      "verify/trust/ask_ark_milan.pem",
      "verify/trust/ask_ark_milan_vlek.pem",
      "verify/trust/ask_ark_genoa.pem",
      "verify/trust/ask_ark_genoa_vlek.pem",
      "verify/trust/ask_ark_turin_vcek.pem",
      "verify/trust/ask_ark_turin_vlek.pem",
    ],
  },
  {
    path: "github.com/google/go-tdx-guest",
    version: "v0.3.1",
    sum: "h1:gl0KvjdsD4RrJzyLefDOvFOUH3NAJri/3qvaL5m83Iw=",
    files: ["verify/trusted_root.pem"],
  },
];

/** SHA-256 of the DER of each certificate that belongs into the file, by common name. */
const FINGERPRINTS: Readonly<Record<string, string>> = {
  "SEV-Milan": "67d303bd3905fd38db8b20e0793699870e7fa612eaad5dec358293fd8c0bac1b",
  "ARK-Milan": "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd",
  "SEV-VLEK-Milan": "c5e081f59b7efab1fe2f8b505e159704e72f29cab7ef7cf628a05a42439082f5",
  "SEV-Genoa": "5464738c1546aed5f2cecf1dc98c5c960a92e8913238a61711bc90ec6e828521",
  "ARK-Genoa": "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1",
  "SEV-VLEK-Genoa": "197e610743a917d6b9bb982a5a9226ccc0a15b611be0619e626aca9151457372",
  "SEV-Turin": "5b77ef5fe7a7a004fd9032668fba9d0fda22f88c4442069a479636a6ae3b3185",
  "ARK-Turin": "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a",
  "SEV-VLEK-Turin": "104e10a8bd060a3c20a434261a57d0588fd65a88915b4f65b08bdecaf8df1a3c",
  "Intel SGX Root CA": "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3",
};

const FILE = join(import.meta.dir, "..", "src", "attestation", "roots", "vendor-roots.json");

const sha256Hex = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Where `go mod download` puts a module, without asking Go. */
function moduleFolder({ path, version }: Module): string {
  const goPath = process.env["GOPATH"] ?? join(homedir(), "go");
  return join(process.env["GOMODCACHE"] ?? join(goPath, "pkg", "mod"), `${path}@${version}`);
}

/** Downloads a module and compares its checksum with the pinned one. */
function download({ path, version, sum }: Module): string {
  const child = Bun.spawnSync(["go", "mod", "download", "-json", `${path}@${version}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.exitCode !== 0) throw new Error(`Cannot download ${path}: exit status ${child.exitCode}`);
  const { Dir, Sum } = JSON.parse(child.stdout.toString()) as { readonly Dir: string; readonly Sum: string };
  if (Sum !== sum) throw new Error(`Cannot use ${path}: got checksum ${Sum}, want ${sum}`);
  return Dir;
}

/** The certificates of a module by common name, each as base64 of its DER. */
async function certificatesOf(module: Module, folder: string): Promise<readonly (readonly [string, string])[]> {
  const texts = await Promise.all(module.files.map(async (file) => await readFile(join(folder, file), "utf8")));
  const blocks = texts.join("\n").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((pem) => {
    const certificate = new X509Certificate(pem);
    const name = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? "";
    const fingerprint = sha256Hex(certificate.raw);
    if (FINGERPRINTS[name] !== fingerprint) {
      throw new Error(`Cannot use "${name}" of ${module.path}: got ${fingerprint}, want ${FINGERPRINTS[name]}`);
    }
    return [name, certificate.raw.toString("base64")] as const;
  });
}

async function render(folders: readonly string[]): Promise<string> {
  const lists = await Promise.all(MODULES.map(async (module, at) => await certificatesOf(module, folders[at] ?? "")));
  const certificates = new Map(lists.flat());
  const missing = Object.keys(FINGERPRINTS).filter((name) => !certificates.has(name));
  if (missing.length > 0) throw new Error(`Cannot find ${missing.join(", ")} in the modules`);
  return `${JSON.stringify(Object.fromEntries(Object.keys(FINGERPRINTS).map((name) => [name, certificates.get(name)])), null, 2)}\n`;
}

async function check(): Promise<void> {
  const text = await readFile(FILE, "utf8");
  const committed = new Map(Object.entries(JSON.parse(text) as Readonly<Record<string, string>>));
  for (const [name, fingerprint] of Object.entries(FINGERPRINTS)) {
    const actual = sha256Hex(Buffer.from(committed.get(name) ?? "", "base64"));
    if (actual !== fingerprint) throw new Error(`${FILE}: "${name}" has fingerprint ${actual}, want ${fingerprint}`);
    committed.delete(name);
  }
  if (committed.size > 0) throw new Error(`${FILE}: unknown certificates ${[...committed.keys()].join(", ")}`);
  const folders = MODULES.map(moduleFolder);
  if (folders.every((folder) => existsSync(folder)) && (await render(folders)) !== text) {
    throw new Error(`${FILE} differs from the modules: run "npx bun scripts/vendor-roots.ts"`);
  }
}

if (process.argv.includes("--check")) await check();
else await writeFile(FILE, await render(MODULES.map(download)));
