import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseGuidTable } from "../../src/measure/guid-table.ts";
import { parseFirmware } from "../../src/measure/read-firmware.ts";
import { parseSevMetadata } from "../../src/measure/sev-metadata.ts";
import { measureSnpLaunch } from "../../src/measure/snp/measure-launch.ts";
import { VCPU_TYPES, vcpuSignature } from "../../src/measure/snp/vcpu-signature.ts";
import { VMMS } from "../../src/measure/snp/vmm.ts";
import { callCommand } from "../fakes/call-command.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { DEBIAN_IMAGES_NEED, debianFirmware, debianKernels, laterFirmware } from "../fakes/debian-images.ts";
import { codeOf } from "../fakes/error-code.ts";
import { fakeFirmware, METADATA_DISTANCE, withHashesArea } from "../fakes/firmware-image.ts";
import { seededRandom } from "../fakes/mutations.ts";
import { isReady } from "../fakes/peers.ts";
import { pythonPeer, PYTHON_PEERS_NEED } from "../fakes/python-peers.ts";
import { recordIo } from "../fakes/recorded-io.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const SUBJECT = "launch digests with sev-snp-measure";
const python = pythonPeer("python") ?? "";
const createIdBlock = pythonPeer("snp-create-id-block") ?? "";
const hasPeer = isReady(SUBJECT, python !== "" && createIdBlock !== "", PYTHON_PEERS_NEED);

const kernels = debianKernels();
const plain = ["ovmf/OVMF.fd", "OVMF/OVMF_CODE.fd", "OVMF/OVMF_CODE.secboot.fd"].map(debianFirmware);
const hasImages = isReady(SUBJECT, kernels.length > 0 && plain.every((path) => path !== undefined), DEBIAN_IMAGES_NEED);
const later = IS_CAMPAIGN
  ? laterFirmware(SUBJECT, "{ovmf,OVMF}/OVMF*.fd").filter((path) => !path.includes("_VARS"))
  : [];
const directory = temporaryDirectory();

/** Runs the peer's command line for each list of words, in one process, as most of a call is the start of Python. */
const RUN_PEER = `
import contextlib, io, json, sys
from sevsnpmeasure import cli
answers = []
for words in json.load(sys.stdin):
    out = io.StringIO()
    sys.argv = ["sev-snp-measure", *words]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            cli.main()
    except (Exception, SystemExit) as error:
        out.write(f"failed: {error!r}")
    answers.append(out.getvalue().strip())
json.dump(answers, sys.stdout)
`;

function peerAnswers(calls: readonly (readonly string[])[]): readonly string[] {
  const options = { input: JSON.stringify(calls), encoding: "utf8", maxBuffer: 64 * 1024 * 1024 } as const;
  return JSON.parse(execFileSync(python, ["-c", RUN_PEER], options)) as string[];
}

/** One combination of inputs. */
interface Combination {
  readonly firmware: string;
  readonly vcpus: number;
  readonly type: string;
  readonly vmm: (typeof VMMS)[number];
  readonly features: string;
  readonly kernel?: readonly [path: string, initrd: string | undefined, commandLine: string | undefined];
}

function wordsForPeer({ firmware, vcpus, type, vmm, features, kernel }: Combination): readonly string[] {
  const [path, initrd, commandLine] = kernel ?? [];
  return [
    "--mode=snp",
    `--ovmf=${firmware}`,
    `--vcpus=${vcpus}`,
    `--vcpu-type=${type}`,
    `--vmm-type=${vmm === "qemu" ? "QEMU" : vmm}`,
    `--guest-features=${features}`,
    ...(path === undefined ? [] : ["--kernel", path]),
    ...(initrd === undefined ? [] : ["--initrd", initrd]),
    ...(commandLine === undefined ? [] : ["--append", commandLine]),
  ];
}

function wordsForUs({ firmware, vcpus, type, vmm, features, kernel }: Combination): readonly string[] {
  const [path, initrd, commandLine] = kernel ?? [];
  return [
    "measure",
    "snp",
    `--firmware=${firmware}`,
    `--vcpus=${vcpus}`,
    `--vcpu-type=${type}`,
    `--vmm=${vmm}`,
    `--guest-features=${features}`,
    ...(path === undefined ? [] : ["--kernel", path]),
    ...(initrd === undefined ? [] : ["--initrd", initrd]),
    ...(commandLine === undefined ? [] : ["--command-line", commandLine]),
  ];
}

/** Without a kernel: every firmware, hypervisor, and more numbers and types of processors in a campaign. */
function combinationsOfFirmware(): readonly Combination[] {
  const types = IS_CAMPAIGN ? [...VCPU_TYPES.keys()] : ["EPYC-v4", "EPYC-Milan", "EPYC-Genoa"];
  const counts = IS_CAMPAIGN ? [1, 2, 3, 4, 7, 8, 16, 33, 64, 220, 255] : [1, 2, 8];
  return [...plain, ...later].flatMap((firmware = "") =>
    VMMS.flatMap((vmm) =>
      (vmm === "qemu" || IS_CAMPAIGN ? types : types.slice(0, 1)).flatMap((type) =>
        counts.map((vcpus) => ({ firmware, vcpus, type, vmm, features: "0x1" })),
      ),
    ),
  );
}

function hasHashesSection(path: string): boolean {
  const image = parseFirmware(path, readFileSync(path));
  return parseSevMetadata(image, parseGuidTable(image)).some(({ kind }) => kind === "kernel-hashes");
}

/** With kernels of Debian, firmware that has an area for their hashes, and features. */
function combinationsOfKernels(): readonly Combination[] {
  const firmware = ["whole.fd", "code.fd"].map((name) => join(directory, name));
  firmware.forEach((path, index) => writeFileSync(path, withHashesArea(readFileSync(plain[index] ?? ""))));
  // Of these, the builds for SEV have an area for hashes of their own.
  firmware.push(...later.filter(hasHashesSection));
  const initrd = join(directory, "initrd");
  writeFileSync(initrd, readFileSync(kernels[0]!).subarray(0, 1_000_003));
  const starts = kernels.flatMap((kernel) => [
    [kernel, undefined, undefined] as const,
    [kernel, initrd, "console=hvc0 root=/dev/vda1 ro quiet"] as const,
    [kernel, undefined, "systemd.unit=kata-containers.target agent.log=debug  x=ä€"] as const,
  ]);
  return firmware.flatMap((path) =>
    starts.flatMap((kernel) =>
      [1, 4].flatMap((vcpus) =>
        ["0x1", "0x21"].map((features, index) => {
          const type = index === 0 ? "EPYC-v4" : "EPYC-Milan";
          return { firmware: path, vcpus, type, vmm: "qemu", features, kernel } as const;
        }),
      ),
    ),
  );
}

// The peer calls Turin's type by its first name only, and knows no later versions of the others.
const UNKNOWN_TO_PEER = /-v5$|Rome-v4|Milan-v3|Genoa-v2|Turin-v1/;

describe.if(hasPeer && hasImages)("contrast measure snp", () => {
  test.each([
    ["firmware of Debian", combinationsOfFirmware, 45],
    ["kernels of Debian", combinationsOfKernels, 48],
  ])(
    "agrees with sev-snp-measure on %s",
    async (_, make, atLeast) => {
      const combinations = make().filter(({ type }) => !UNKNOWN_TO_PEER.test(type));
      expect(combinations.length).toBeGreaterThanOrEqual(atLeast);
      const theirs = peerAnswers(combinations.map(wordsForPeer));
      for (const [index, combination] of combinations.entries()) {
        const io = recordIo();
        await callCommand(wordsForUs(combination), io);
        expect({ ...combination, digest: io.printed[0] }).toEqual({ ...combination, digest: theirs[index] });
      }
      expect(new Set(theirs).size).toBeGreaterThan(atLeast / 3);
    },
    CAMPAIGN_TIMEOUT_MS,
  );
});

describe.if(hasPeer)("measureSnpLaunch()", () => {
  test(
    "agrees with sev-snp-measure about changed firmware, wherever it takes it",
    () => {
      const seed = IS_CAMPAIGN ? Date.now() % 2 ** 31 : 5;
      const random = seededRandom(seed);
      const changed = Array.from({ length: IS_CAMPAIGN ? 3000 : 150 }, (_, index) => {
        const bytes = fakeFirmware();
        const end = bytes.length;
        // In turns the metadata, the table, and any other place.
        const place = [end - METADATA_DISTANCE + random(76), end - 32 - random(110), random(end)][index % 3]!;
        bytes[place] = random(256);
        const path = join(directory, `changed-${index}.fd`);
        return { path, bytes, vmm: VMMS[random(3)]! };
      });
      const launches = changed.flatMap(({ path, bytes, vmm }) => {
        let digest = "";
        const code = codeOf(() => {
          const type = VCPU_TYPES.get("EPYC-v4")!;
          const launch = { vmm, vcpuSignature: vcpuSignature(type), guestFeatures: 1n, vcpuCounts: [2] };
          digest = measureSnpLaunch({
            ...launch,
            firmware: parseFirmware(path, bytes),
          }).measurements[0]!.digest.toHex();
        });
        if (digest === "") expect(code).toStartWith("measure/firmware-");
        else writeFileSync(path, bytes);
        return digest === "" ? [] : [{ path, vmm, digest }];
      });
      const theirs = peerAnswers(
        launches.map(({ path, vmm }) =>
          wordsForPeer({ firmware: path, vcpus: 2, type: "EPYC-v4", vmm, features: "0x1" }),
        ),
      );
      expect(launches.length).toBeGreaterThan(changed.length / 3);
      expect({ seed, digests: launches.map(({ digest }) => digest) }).toEqual({ seed, digests: [...theirs] });
    },
    CAMPAIGN_TIMEOUT_MS,
  );
});

describe.if(hasPeer)("contrast measure snp --id-block", () => {
  test("makes the block and the keys' digests that snp-create-id-block makes", async () => {
    const keys = ["id", "author"].map((name) => {
      const path = join(directory, `${name}.pem`);
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
      writeFileSync(path, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
      return path;
    });
    const [idKey = "", authorKey = ""] = keys;
    const firmware = join(directory, "id-block.fd");
    writeFileSync(firmware, fakeFirmware());
    const io = recordIo({ format: "json" });
    const zero = "00".repeat(16);
    const block = ["--id-block", "--guest-svn", "0", "--family-id", zero, "--image-id", zero];
    const words = ["measure", "snp", "--firmware", firmware, "--vcpu-type", "EPYC-v4", ...block];
    await callCommand([...words, "--id-key", idKey, "--author-key", authorKey], io);
    const [{ launchDigest, idBlock: ours }] = JSON.parse(io.printed[0]!).measurements;
    const measurement = Buffer.from(launchDigest, "hex").toString("base64");
    const args = ["--measurement", measurement, "--idkey", idKey, "--authorkey", authorKey];
    const theirs = execFileSync(createIdBlock, args, { encoding: "utf8" });
    const [, theirBlock, theirAuth] = /id-block=([^,\s]+),id-auth=(\S+)/.exec(theirs) ?? [];
    expect(ours.idBlock).toBe(theirBlock);
    expect(withoutSignatures(ours.idAuth)).toBe(withoutSignatures(theirAuth ?? ""));
    const digests = [...theirs.matchAll(/^(?:id_key_hash|author_key): (\S+)$/gm)].map(([, digest = ""]) =>
      Buffer.from(digest, "base64").toString("hex"),
    );
    expect([ours.idKeyDigest, ours.authorKeyDigest]).toEqual(digests);
  });
});

/** Signatures differ every time. */
function withoutSignatures(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  bytes.fill(0, 0x40, 0x240).fill(0, 0x680, 0x880);
  return bytes.toString("hex");
}
