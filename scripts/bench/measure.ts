// Launch digests of SEV-SNP: the compiled binary beside sev-snp-measure, on Debian's OVMF and kernel with a large initrd.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianFirmware, debianKernels } from "../../tests/fakes/debian-images.ts";
import { withHashesArea } from "../../tests/fakes/firmware-image.ts";
import { pythonPeer } from "../../tests/fakes/python-peers.ts";
import { compileBinary, productCompilation } from "../build/compile-binary.ts";
import { median } from "../measure/median.ts";
import { report } from "../measure/report.ts";

const ROUNDS = 15;
/** As an image of Kata with its agent has it. */
const INITRD_BYTES = 256 * 1024 * 1024;
const COUNTS = 16;

/** Seconds and what is printed. */
function run(command: readonly string[]): { readonly ms: number; readonly text: string } {
  const startedMs = performance.now();
  const { exitCode, stdout } = Bun.spawnSync([...command], { stdio: ["ignore", "pipe", "inherit"] });
  if (exitCode !== 0) throw new Error(`Cannot run ${command.join(" ")}: exit status ${exitCode}`);
  return { ms: performance.now() - startedMs, text: stdout.toString().trim() };
}

async function main(): Promise<void> {
  const peer = pythonPeer("sev-snp-measure");
  const ovmf = debianFirmware("ovmf/OVMF.fd");
  const [kernel] = debianKernels();
  if (peer === undefined || ovmf === undefined || kernel === undefined) {
    throw new Error("Cannot measure launch digests: need the peers and images that .ci/run installs");
  }
  const folder = await mkdtemp(join(tmpdir(), "contrast-bench-"));
  try {
    const contrast = join(folder, "contrast");
    await compileBinary(await productCompilation(join(import.meta.dir, "..", ".."), contrast));
    const firmware = join(folder, "OVMF.fd");
    await Bun.write(firmware, withHashesArea(await Bun.file(ovmf).bytes()));
    const initrd = join(folder, "initrd");
    await Bun.write(
      initrd,
      crypto
        .getRandomValues(new Uint8Array(65536))
        .toHex()
        .repeat(INITRD_BYTES / 131072),
    );

    const ours = [contrast, "measure", "snp", `--firmware=${firmware}`, "--vcpu-type=EPYC-v4"];
    const theirs = [peer, "--mode=snp", `--ovmf=${firmware}`, "--vcpu-type=EPYC-v4"];
    const files = [`--kernel=${kernel}`, `--initrd=${initrd}`];
    const cases = [
      { name: "firmware alone", ours: [...ours], theirs: [[...theirs, "--vcpus=1"]] },
      { name: "kernel, initrd of 256 MiB", ours: [...ours, ...files], theirs: [[...theirs, ...files, "--vcpus=1"]] },
      {
        name: `${COUNTS} numbers of processors`,
        ours: [...ours, `--vcpus=1-${COUNTS}`],
        theirs: Array.from({ length: COUNTS }, (_, index) => [...theirs, `--vcpus=${index + 1}`]),
      },
    ];
    for (const { name, ours: own, theirs: others } of cases) {
      const ownMs: number[] = [];
      const otherMs: number[] = [];
      for (let round = -1; round < ROUNDS; round += 1) {
        const mine = run(own);
        const peers = others.map(run);
        const digests = mine.text.split("\n").map((line) => line.slice(-96));
        if (digests.join() !== peers.map(({ text }) => text).join()) throw new Error(`${name}: the digests differ`);
        if (round < 0) continue;
        ownMs.push(mine.ms);
        otherMs.push(peers.reduce((sum, { ms }) => sum + ms, 0));
      }
      report({ name: `measure snp: ${name}`, value: median(ownMs), unit: "ms" });
      report({
        name: `measure snp: ${name}, of sev-snp-measure`,
        value: median(ownMs) / median(otherMs),
        unit: "x",
        atMost: 1,
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
