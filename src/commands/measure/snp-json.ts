import type { FilledValue } from "../../manifest/fill-observed.ts";
import type { LaunchStage, SnpLaunch, SnpMeasurement } from "../../measure/snp/measure-launch.ts";
import type { SignedIdBlock } from "./id-block-maker.ts";
import type { MeasuredKernel } from "./measured-kernel.ts";
import type { VcpuChoice } from "./vcpu-choice.ts";

/** What `contrast measure snp` has found out and done. */
export interface MeasuredSnp {
  readonly launch: SnpLaunch;
  readonly firmwareSha256: string;
  readonly vcpu: VcpuChoice;
  readonly kernel: MeasuredKernel | undefined;
  readonly stages: readonly LaunchStage[];
  readonly measurements: readonly (SnpMeasurement & { readonly idBlock: SignedIdBlock | undefined })[];
  readonly written: { readonly path: string; readonly set: readonly FilledValue[] } | undefined;
}

/** The members of the JSON result: digests first, then every input by digest, then the steps. */
export function measuredSnpJson(result: MeasuredSnp): Readonly<Record<string, unknown>> {
  const { launch, measurements, stages, written } = result;
  return {
    measurements: measurements.map(({ vcpus, digest, idBlock }) => ({
      vcpus,
      launchDigest: digest.toHex(),
      ...(idBlock === undefined ? {} : { idBlock: idBlockJson(idBlock) }),
    })),
    inputs: {
      firmware: {
        path: launch.firmware.path,
        sizeBytes: launch.firmware.bytes.length,
        sha256: result.firmwareSha256,
        ...(launch.firmwareDigest === undefined ? {} : { givenDigest: launch.firmwareDigest.toHex() }),
      },
      ...kernelJson(result.kernel),
      vmm: launch.vmm,
      ...(result.vcpu.type === undefined ? {} : { vcpuType: result.vcpu.type }),
      ...(result.vcpu.signature === undefined ? {} : { vcpuSignature: hex(result.vcpu.signature) }),
      guestFeatures: hex(launch.guestFeatures),
    },
    stages: stages.map(({ name, address, sizeBytes, digest }) => ({
      name,
      address: hex(address),
      sizeBytes,
      launchDigest: digest.toHex(),
    })),
    ...(written === undefined ? {} : { written }),
  };
}

function kernelJson(kernel: MeasuredKernel | undefined): Readonly<Record<string, unknown>> {
  if (kernel === undefined) return {};
  const { hashes, kernelPath, initrdPath, commandLine } = kernel;
  return {
    kernel: { path: kernelPath, sha256: hashes.kernel.toHex() },
    ...(initrdPath === undefined ? {} : { initrd: { path: initrdPath, sha256: hashes.initrd.toHex() } }),
    commandLine: { text: commandLine, sha256WithNul: hashes.commandLine.toHex() },
  };
}

function idBlockJson({ block, auth }: SignedIdBlock): Readonly<Record<string, unknown>> {
  return {
    idBlock: block.toBase64(),
    idAuth: auth.bytes.toBase64(),
    idKeyDigest: auth.idKeyDigest.toHex(),
    ...(auth.authorKeyDigest === undefined ? {} : { authorKeyDigest: auth.authorKeyDigest.toHex() }),
  };
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
