import { VCPU_TYPES, vcpuSignature } from "../../measure/snp/vcpu-signature.ts";
import { dependsOnVcpuType, type Vmm } from "../../measure/snp/vmm.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { numberFlag } from "../number-flag.ts";

/** What the virtual processors are. */
export interface VcpuChoice {
  /** CPUID(1).EAX; undefined where the measurement does not depend on it and nobody gave it. */
  readonly signature: number | undefined;
  /** As QEMU names it, where the user did. */
  readonly type: string | undefined;
}

/**
 * Reads `--vcpu-type`, `--vcpu-signature`, or family, model and stepping. There is no default: a wrong one would give a
 * digest that looks right and never matches.
 *
 * @throws UsageError `terminal/invalid-argument`, `terminal/required-flag`
 */
export function vcpuChoice(flags: ParsedFlags, vmm: Vmm): VcpuChoice {
  if (flags.isSet("vcpu-type")) {
    const type = flags.string("vcpu-type");
    const model = VCPU_TYPES.get(type);
    if (model !== undefined) return { signature: vcpuSignature(model), type };
    throw new UsageError(
      "terminal/invalid-argument",
      `invalid argument ${JSON.stringify(type)} for "--vcpu-type" flag: must be one of ${[...VCPU_TYPES.keys()].join(", ")}`,
      {
        hint: type.startsWith("host")
          ? 'Take family, model and stepping from /proc/cpuinfo of the node, and give them with "--vcpu-family", "--vcpu-model" and "--vcpu-stepping".'
          : 'Give the numbers of any other type with "--vcpu-family", "--vcpu-model" and "--vcpu-stepping".',
      },
    );
  }
  const signature = numberFlag(flags, "vcpu-signature", 0xffff_ffffn);
  if (signature !== undefined) return { signature: Number(signature), type: undefined };
  const family = numberFlag(flags, "vcpu-family", 270n);
  const model = numberFlag(flags, "vcpu-model", 255n);
  const stepping = numberFlag(flags, "vcpu-stepping", 15n);
  if (family !== undefined && model !== undefined && stepping !== undefined) {
    const parts = { family: Number(family), model: Number(model), stepping: Number(stepping) };
    return { signature: vcpuSignature(parts), type: undefined };
  }
  const isIncomplete = [family, model, stepping].some((part) => part !== undefined);
  if (!isIncomplete && !dependsOnVcpuType(vmm)) return { signature: undefined, type: undefined };
  throw new UsageError(
    "terminal/required-flag",
    isIncomplete
      ? 'flags "vcpu-family", "vcpu-model" and "vcpu-stepping" must be set together'
      : 'required flag(s) "vcpu-type" not set',
    {
      hint: 'Take it from "-cpu" in the command line of QEMU on the node; docs/measure.md says how.',
    },
  );
}
