import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAmdExtensions } from "../../src/attestation/snp/amd-extensions.ts";
import { encodePem } from "../../src/pki/pem-block.ts";
import { readCertificates } from "../../src/pki/x509/read-certificates.ts";
import { createEcKeyPair } from "../../src/simulator/key-pair.ts";
import { createMachine, loadMachine, saveMachine } from "../../src/simulator/machine.ts";
import { SIMULATED_PLATFORMS, type SimulatedMachine } from "../../src/simulator/simulated-machine.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { MACHINE_TIME, testMachine } from "../fakes/simulated-machines.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

type SavedKey = Record<string, string>;
interface Saved {
  schema: string;
  platform: string;
  parts: Record<string, SavedKey | string>;
}

const MARK_HEX = new TextEncoder().encode("SANDBOX").toHex();

/** What a machine says that is the same every time. */
function identityOf({ platform, rootFingerprint, rootsPem, collateral }: SimulatedMachine): unknown {
  const certificates = collateral(MACHINE_TIME).filter(({ need }) => /vcek|chain/.test(need.kind));
  const urls = collateral(MACHINE_TIME).map(({ url }) => url);
  return { platform, rootFingerprint, rootsPem, urls, bodies: certificates.map(({ body }) => body.toHex()) };
}

async function savedIn(platform: (typeof SIMULATED_PLATFORMS)[number]): Promise<string> {
  const directory = join(temporaryDirectory(), "machine");
  await saveMachine(await testMachine(platform), directory);
  return directory;
}

describe.each(SIMULATED_PLATFORMS)("saveMachine() and loadMachine() for %s", (platform) => {
  test("keep the same chip, with the same addresses and reference values", async () => {
    const machine = await testMachine(platform);
    const loaded = await loadMachine(await savedIn(platform));
    expect(identityOf(loaded)).toEqual(identityOf(machine));
    expect(loaded.referenceValues()).toEqual(machine.referenceValues());
    expect(loaded.saved).toEqual(machine.saved);
  });

  test("let only the owner read keys, and say what the directory is", async () => {
    const directory = await savedIn(platform);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, "machine.json")).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).toSorted()).toEqual(["WARNING.txt", "machine.json", "roots.pem"]);
    const { rootsPem, rootFingerprint } = await testMachine(platform);
    expect(readFileSync(join(directory, "roots.pem"), "utf8")).toBe(rootsPem);
    const warning = readFileSync(join(directory, "WARNING.txt"), "utf8");
    expect(warning).toContain(rootFingerprint);
    expect(readFileSync(join(directory, "roots.pem"), "utf8")).not.toContain("PRIVATE");
  });

  test("close a directory that others could enter", async () => {
    const directory = join(temporaryDirectory(), "machine");
    mkdirSync(directory, { mode: 0o755 });
    await saveMachine(await testMachine(platform), directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test("replace no machine", async () => {
    const directory = await savedIn(platform);
    const before = readFileSync(join(directory, "machine.json"), "utf8");
    const other = await createMachine("tdx", MACHINE_TIME);
    expect(await codeOfAsync(() => saveMachine(other, directory))).toBe("lib/file-unwritable");
    expect(readFileSync(join(directory, "machine.json"), "utf8")).toBe(before);
    expect(readdirSync(directory).toSorted()).toEqual(["WARNING.txt", "machine.json", "roots.pem"]);
  });
});

describe("saveMachine()", () => {
  test("says where it cannot make a directory", async () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    const machine = await testMachine("tdx");
    expect(await codeOfAsync(() => saveMachine(machine, join(file, "machine")))).toBe("lib/file-unwritable");
  });
});

describe("loadMachine()", () => {
  const rejectionOf = async (platform: (typeof SIMULATED_PLATFORMS)[number], change: (saved: Saved) => unknown) => {
    const path = join(await savedIn(platform), "machine.json");
    const saved = JSON.parse(readFileSync(path, "utf8")) as Saved;
    const changed = change(saved);
    writeFileSync(path, typeof changed === "string" ? changed : JSON.stringify(saved));
    return await codeOfAsync(() => loadMachine(join(path, "..")));
  };
  const swap = (saved: Saved, role: string, member: string, value: (old: string) => string): void => {
    const key = saved.parts[role] as SavedKey;
    key[member] = value(key[member]!);
  };
  const strangers = {
    snp: createMachine("snp-milan", MACHINE_TIME, { rsaBits: 2048 }),
    tdx: createMachine("tdx", MACHINE_TIME),
  };
  const keyOf = (machine: SimulatedMachine, role: string): SavedKey =>
    (machine.saved as unknown as Record<string, SavedKey>)[role]!;

  test("takes an unchanged file, so that each of the following is refused for its change", async () => {
    expect(await rejectionOf("snp-milan", () => {})).toStartWith("no error");
    expect(await rejectionOf("tdx", () => {})).toStartWith("no error");
  });

  test.each<[string, (saved: Saved) => unknown]>([
    ["another schema", (saved) => (saved.schema = "contrast.sandbox.machine/v2")],
    ["another platform", (saved) => (saved.platform = "sgx")],
    ["the platform of the other product line", (saved) => (saved.platform = "snp-genoa")],
    ["the platform of the other vendor", (saved) => (saved.platform = "tdx")],
    ["an unknown member", (saved) => Object.assign(saved, { more: 1 })],
    ["an unknown part", (saved) => (saved.parts["more"] = "")],
    ["a missing part", (saved) => delete saved.parts["asvk"]],
    ["a key that is not base64", (saved) => swap(saved, "ark", "privateKey", () => "?")],
    ["a key that is not PKCS #8", (saved) => swap(saved, "ark", "privateKey", () => "AAAA")],
    ["bytes behind a key", (saved) => swap(saved, "vcek", "privateKey", (old) => `${old.replaceAll("=", "A")}AAAA`)],
    ["a certificate that is not base64", (saved) => swap(saved, "ark", "certificate", (old) => `${old}?`)],
    ["a certificate that is none", (saved) => swap(saved, "ask", "certificate", () => "MAA=")],
    ["a certificate without end", (saved) => swap(saved, "ask", "certificate", () => "MIIF".repeat(4096))],
    ["a text that is not JSON", () => "{"],
    ["nothing", () => ""],
    ["JSON that is nested deeply", () => "[".repeat(65) + "]".repeat(65)],
  ])("refuses %s", async (_name, change) => {
    expect(await rejectionOf("snp-milan", change)).toBe("simulator/machine-invalid");
  });

  test.each(["ark", "ask", "asvk", "vcek"])("refuses the key of a stranger in place of that of %s", async (role) => {
    const stranger = keyOf(await strangers.snp, role);
    const change = (saved: Saved): void => swap(saved, role, "privateKey", () => stranger["privateKey"]!);
    expect(await rejectionOf("snp-milan", change)).toBe("simulator/machine-invalid");
  });

  test.each(["ask", "asvk", "vcek"])("refuses key and certificate of a stranger for %s", async (role) => {
    const stranger = keyOf(await strangers.snp, role);
    const change = (saved: Saved): void => void (saved.parts[role] = stranger);
    expect(await rejectionOf("snp-milan", change)).toBe("simulator/machine-invalid");
  });

  test.each(["intermediate", "pck", "tcbSigning"])("refuses the root's key and certificate for %s", async (role) => {
    const change = (saved: Saved): void => void (saved.parts[role] = saved.parts["root"]!);
    expect(await rejectionOf("tdx", change)).toBe("simulator/machine-invalid");
  });

  test.each(["intermediate", "pck", "tcbSigning"])("refuses key and certificate of a stranger's %s", async (role) => {
    const stranger = keyOf(await strangers.tdx, role);
    const change = (saved: Saved): void => void (saved.parts[role] = stranger);
    expect(await rejectionOf("tdx", change)).toBe("simulator/machine-invalid");
  });

  test("refuses a root whose signature of itself does not hold", async () => {
    const breakEnd = (base64: string): string => {
      const der = Uint8Array.fromBase64(base64);
      der[der.length - 1]! ^= 1;
      return der.toBase64();
    };
    const change = (saved: Saved): void => swap(saved, "ark", "certificate", breakEnd);
    expect(await rejectionOf("snp-milan", change)).toBe("simulator/machine-invalid");
  });

  test("refuses a key on another curve for quotes", async () => {
    const { privateKey } = createEcKeyPair("P-384");
    const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
    const change = (saved: Saved): void => void (saved.parts["attestationKey"] = pkcs8);
    expect(await rejectionOf("tdx", change)).toBe("simulator/machine-invalid");
  });

  test("refuses a text cut at any place", async () => {
    const directory = await savedIn("tdx");
    const path = join(directory, "machine.json");
    const text = readFileSync(path, "utf8").trimEnd();
    for (let length = 0; length < text.length; length += 97) {
      writeFileSync(path, text.slice(0, length));
      expect(await codeOfAsync(() => loadMachine(directory))).toBe("simulator/machine-invalid");
    }
  });

  test("says that there is no machine, or none of a reasonable size", async () => {
    const directory = temporaryDirectory();
    expect(await codeOfAsync(() => loadMachine(directory))).toBe("lib/file-unreadable");
    writeFileSync(join(directory, "machine.json"), " ".repeat(64 * 1024 + 1));
    expect(await codeOfAsync(() => loadMachine(directory))).toBe("lib/file-too-large");
  });
});

describe("createMachine()", () => {
  test("makes RSA keys of 4096 bits for an AMD authority, as AMD's are", async () => {
    const machine = await createMachine("snp-genoa", MACHINE_TIME);
    const roots = readCertificates(new TextEncoder().encode(machine.rootsPem), "roots");
    expect(roots.map(({ signature }) => signature.length)).toEqual([512, 512, 512]);
    expect(roots.map(({ serialHex }) => serialHex)).toEqual(["20000", "20002", "20101"]);
  }, 30_000);

  test.each(["snp-milan", "snp-genoa"] as const)("marks the chip of %s as simulated", async (platform) => {
    const machine = await testMachine(platform);
    const item = machine.collateral(MACHINE_TIME).find(({ need }) => need.kind === "amd-vcek")!;
    const [vcek] = readCertificates(new TextEncoder().encode(encodePem("CERTIFICATE", item.body)), "VCEK");
    const { hwId } = parseAmdExtensions(vcek!, "VCEK", platform === "snp-milan" ? "Milan" : "Genoa");
    expect(hwId!.toHex()).toStartWith(MARK_HEX);
    expect(vcek!.serialHex).toBe("0");
    expect(vcek!.notAfter.getUTCFullYear()).toBe(2033);
  });

  test("marks the serial numbers of a TDX machine as simulated", async () => {
    const machine = await testMachine("tdx");
    const [root] = readCertificates(new TextEncoder().encode(machine.rootsPem), "roots");
    expect(root!.serialHex).toStartWith(MARK_HEX);
  });

  test("makes another chip every time", async () => {
    const [one, other] = [await createMachine("tdx", MACHINE_TIME), await createMachine("tdx", MACHINE_TIME)];
    const urlsOf = ({ collateral }: SimulatedMachine): readonly string[] =>
      collateral(MACHINE_TIME).map(({ url }) => url);
    expect(urlsOf(one)).not.toEqual(urlsOf(other));
  });
});
