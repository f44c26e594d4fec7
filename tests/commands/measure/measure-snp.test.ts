import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measureSnpDefinition } from "../../../src/commands/measure/measure-snp-definition.ts";
import { VCPU_TYPES } from "../../../src/measure/snp/vcpu-signature.ts";
import { flagSummary } from "../../../src/terminal/help-text.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { fakeFirmware } from "../../fakes/firmware-image.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const at = (name: string): string => join(directory, name);
writeFileSync(at("OVMF.fd"), fakeFirmware());
writeFileSync(at("vmlinuz"), "kernel");
writeFileSync(at("initrd"), "initrd");
writeFileSync(at("cmdline"), "console=hvc0 ä\n");

const BASE = ["measure", "snp", "--firmware", at("OVMF.fd")];
const EPYC = [...BASE, "--vcpu-type", "EPYC-v4"];
const KERNEL = ["--kernel", at("vmlinuz"), "--initrd", at("initrd")];

// As sev-snp-measure 0.0.13 computes them.
const ONE = "ad2f836f2cc0251c5e860d8e6cf28e9d73f892653565bc325c74d2527f245c0142550a77b6775c7059a7aa5f84a530db";
const THREE = "639d200bbd1e7d50acc80f14bd75aa236fd5625f5d5fa25086a1a65f1b4bb667c571dead238b8ce8295e1277e00e1c2a";
const WITH_KERNEL = "7a68df02b5abc19e07ea35a267736cde69b8717a6562e0b85487020ef59d9fd670de524e35fdfb098919523839bb6e92";
const MILAN_33 = "c90eb7ff49765fe565cbb29b37e448bb8d952326053f9876178c182c38cf05219bd83fb4f0be4d05dcefc33502d629ac";
const EC2 = "74d50233aac90a7ca392795f63676d765053bc231d660e31d406f6aa540597d9f00cf17a6b7ab92bfbce78c700b6d787";

async function printedBy(...words: readonly string[]): Promise<readonly string[]> {
  const io = recordIo();
  await callCommand(words, io);
  return io.printed;
}

async function jsonOf(...words: readonly string[]): Promise<Record<string, never>> {
  const io = recordIo({ format: "json" });
  await callCommand(words, io);
  expect(io.printed).toHaveLength(1);
  return JSON.parse(io.printed[0]!) as Record<string, never>;
}

describe("contrast measure snp", () => {
  test("names every type of processor that it takes in its help", () => {
    const flag = measureSnpDefinition.flags?.find(({ name }) => name === "vcpu-type");
    expect(flag?.choices?.toSorted()).toEqual([...VCPU_TYPES.keys()].toSorted());
    expect(flagSummary(flag!)).toContain("EPYC-Genoa-v2");
  });

  test("prints the digest alone, or with its number of processors", async () => {
    expect(await printedBy(...EPYC)).toEqual([ONE]);
    expect(await printedBy(...EPYC, "--vcpus", "3,1")).toEqual([`1 ${ONE}`, `3 ${THREE}`]);
    expect(await printedBy(...EPYC, "--vcpus", "1-10")).toContain(` 3 ${THREE}`);
  });

  test.each([
    ["type", ["--vcpu-type", "EPYC-Milan"]],
    ["signature", ["--vcpu-signature", "0xa00f11"]],
    ["numbers", ["--vcpu-family", "25", "--vcpu-model", "0x1", "--vcpu-stepping", "1"]],
  ])("takes processors by %s", async (_, words) => {
    expect(await printedBy(...BASE, ...words, "--guest-features", "33")).toEqual([MILAN_33]);
  });

  test("takes no type of processors where it does not count", async () => {
    expect(await printedBy(...BASE, "--vmm", "ec2")).toEqual([EC2]);
    expect(await printedBy(...EPYC, "--vmm", "ec2")).toEqual([EC2]);
    expect(await printedBy(...BASE, "--vmm", "gce")).not.toEqual([EC2]);
  });

  test("tells wrong digits from a wrong number of them", async () => {
    const refusalOf = async (text: string): Promise<string> => {
      try {
        await callCommand([...EPYC, "--firmware-digest", text], recordIo());
        return "taken";
      } catch (error) {
        return String(error);
      }
    };
    expect(await refusalOf("zz".repeat(48))).toEndWith("got other characters, want 96 hexadecimal digits");
    expect(await refusalOf("00")).toEndWith("got 2, want 96 hexadecimal digits");
  });

  test("takes the command line as text or from a file", async () => {
    expect(await printedBy(...EPYC, ...KERNEL, "--command-line", "console=hvc0 ä")).toEqual([WITH_KERNEL]);
    expect(await printedBy(...EPYC, ...KERNEL, "--command-line-file", at("cmdline"))).toEqual([WITH_KERNEL]);
  });

  test("shows the steps, from which it can go on", async () => {
    const steps = await printedBy(...EPYC, "--stages");
    const [firmware = ""] = steps;
    expect(firmware).toMatch(/^firmware +0xffffe000\+0x2000 +[0-9a-f]{96}$/);
    expect(steps.slice(-2)).toEqual(["", ONE]);
    expect(await printedBy(...EPYC, "--firmware-digest", firmware.slice(-96))).toEqual([ONE]);
  });

  test("names every input by digest as JSON", async () => {
    const result = await jsonOf(...EPYC, ...KERNEL, "--command-line-file", at("cmdline"));
    expect(result).toMatchObject({
      schema: "contrast/measure-snp/v1",
      ok: true,
      measurements: [{ vcpus: 1, launchDigest: WITH_KERNEL }],
      inputs: {
        firmware: { path: at("OVMF.fd"), sizeBytes: 8192 },
        kernel: { path: at("vmlinuz"), sha256: new Bun.CryptoHasher("sha256").update("kernel").digest("hex") },
        initrd: { path: at("initrd"), sha256: new Bun.CryptoHasher("sha256").update("initrd").digest("hex") },
        commandLine: {
          text: "console=hvc0 ä",
          sha256WithNul: new Bun.CryptoHasher("sha256").update("console=hvc0 ä\0").digest("hex"),
        },
        vmm: "qemu",
        vcpuType: "EPYC-v4",
        vcpuSignature: "0x800f12",
        guestFeatures: "0x1",
      },
    });
    expect(result["stages"]).toHaveLength(7);
    expect(result).not.toHaveProperty("written");
  });

  test("makes ID blocks, with a key of nobody or of the user", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    writeFileSync(at("key.pem"), privateKey.export({ type: "sec1", format: "pem" }));
    const keys = ["--id-key", at("key.pem"), "--author-key", at("key.pem")];
    const [anonymous, own] = [await jsonOf(...EPYC, "--id-block"), await jsonOf(...EPYC, "--id-block", ...keys)].map(
      (result) => (result["measurements"] as unknown as { idBlock: Record<string, string> }[])[0]!.idBlock,
    );
    expect(anonymous!["idBlock"]).toBe(own!["idBlock"]!);
    expect(Buffer.from(own!["idBlock"]!, "base64").toString("hex")).toBe(
      `${ONE}01${"00".repeat(15)}02${"00".repeat(15)}01000000020000000000030000000000`,
    );
    expect(anonymous).not.toHaveProperty("authorKeyDigest");
    expect(own!["authorKeyDigest"]).toBe(own!["idKeyDigest"]!);
    expect((await printedBy(...EPYC, "--id-block", ...keys)).at(-1)).toContain(own!["authorKeyDigest"]!);
  });

  test.each([
    ["terminal/required-flag", BASE],
    ["terminal/required-flag", [...BASE, "--vcpu-family", "25"]],
    ["terminal/exclusive-flags", [...EPYC, "--vcpu-signature", "1"]],
    ["terminal/invalid-argument", [...BASE, "--vcpu-type", "host"]],
    ["terminal/invalid-argument", [...BASE, "--vcpu-type", "Skylake"]],
    ["terminal/invalid-argument", [...BASE, "--vcpu-signature", "0x100000000"]],
    ["terminal/invalid-argument", [...EPYC, "--vcpus", "0"]],
    ["terminal/invalid-argument", [...EPYC, "--vcpus", "4-2"]],
    ["terminal/invalid-argument", [...EPYC, "--vcpus", "1-4097"]],
    ["terminal/invalid-argument", [...EPYC, "--vcpus", ""]],
    ["terminal/invalid-argument", [...EPYC, "--vmm", "xen"]],
    ["terminal/invalid-argument", [...EPYC, "--guest-features", "0x2"]],
    ["terminal/invalid-argument", [...EPYC, "--guest-features", "-1"]],
    ["terminal/invalid-argument", [...EPYC, "--firmware-digest", "00"]],
    ["terminal/required-flag", [...EPYC, "--initrd", at("initrd")]],
    ["terminal/required-flag", [...EPYC, "--command-line", "quiet"]],
    ["terminal/required-flag", [...EPYC, "--guest-svn", "1"]],
    ["snp/policy-reserved-set", [...EPYC, "--id-block", "--guest-policy", "0x10000"]],
    ["snp/policy-reserved-set", [...EPYC, "--id-block", "--guest-policy", "0x8000000000030000"]],
    ["terminal/required-flag", [...EPYC, "--write", at("manifest.json")]],
    ["terminal/invalid-argument", [...EPYC, "--write", "-", "--product", "Milan"]],
    ["measure/command-line-invalid", [...EPYC, ...KERNEL, "--command-line", "a\nb"]],
    ["measure/command-line-invalid", [...EPYC, ...KERNEL, "--command-line", "a\0"]],
    ["lib/file-unreadable", [...EPYC, "--kernel", at("none")]],
    ["lib/file-unreadable", [...EPYC, "--kernel", directory]],
  ])("refuses with %s: %j", async (code, words) => {
    expect(await codeOfAsync(() => callCommand(words, recordIo()))).toBe(code);
  });
});

describe("contrast measure snp --write", () => {
  const entry = (ProductName: string): object => ({
    MinimumTCB: { BootloaderVersion: 3, TEEVersion: 0, SNPVersion: 8, MicrocodeVersion: 115 },
    ProductName,
    TrustedMeasurement: "00".repeat(48),
  });
  const write = (value: unknown): string => {
    writeFileSync(at("manifest.json"), `${JSON.stringify(value, null, 2)}\n`);
    return readFileSync(at("manifest.json"), "utf8");
  };
  const manifest = (...products: readonly string[]): object => ({
    Policies: {},
    ReferenceValues: { snp: products.map(entry) },
    WorkloadOwnerKeyDigests: null,
    SeedshareOwnerPubKeys: null,
  });
  const words = [...EPYC, "--write", at("manifest.json"), "--product"];

  test("changes the measurement and no other byte", async () => {
    const before = write(manifest("Milan", "Genoa"));
    const io = recordIo();
    await callCommand([...words, "Genoa"], io);
    const after = readFileSync(at("manifest.json"), "utf8");
    const position = before.lastIndexOf("00".repeat(48));
    expect(after).toBe(before.slice(0, position) + ONE + before.slice(position + 96));
    expect(io.printed).toEqual([ONE]);
    expect(io.told.join("\n")).toContain("ReferenceValues.snp[1].TrustedMeasurement");
  });

  test("warns of processors of another product, and of formatting that gets lost", async () => {
    writeFileSync(at("manifest.json"), JSON.stringify(manifest("Milan")));
    const io = recordIo();
    const genoa = [...BASE, "--vcpu-type", "EPYC-Genoa", "--write", at("manifest.json"), "--product", "Milan"];
    await callCommand(genoa, io);
    expect(io.told.filter((line) => line.startsWith("Warning:"))).toHaveLength(2);
  });

  test("leaves the manifest alone where nothing can be set", async () => {
    const before = write(manifest("Milan"));
    const call = (): Promise<void> => callCommand([...words, "Genoa"], recordIo());
    expect(await codeOfAsync(call)).toBe("manifest/measured-entry-missing");
    expect(readFileSync(at("manifest.json"), "utf8")).toBe(before);
  });
});
