import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

/** By code: what is known about machines that cannot prove what they are. */
export const ISSUER_EXPLANATIONS = {
  "issuer/no-tee": {
    causes: [
      "The program does not run in a confidential VM: the pod has another runtime class than Contrast's.",
      "It does, but its container sees neither configfs nor the device of the kernel.",
    ],
    actions: [
      "Set the runtime class that generate writes, and look whether the node offers it.",
      "Where this is a confidential VM, mount configfs on /sys/kernel/config; contrast evidence issue shows whether that helps.",
      "To try things out without such hardware, use contrast sandbox.",
    ],
  },
  "issuer/quotes-unavailable": {
    causes: ["The kernel of the VM is older than Linux 6.7, or was built without CONFIG_TSM_REPORTS."],
    actions: ["Use the VM image of a Contrast release for TDX, or a later kernel."],
  },
  "issuer/provider-missing": {
    causes: ["The kernel has configfs-tsm, but the driver of the TEE is not loaded, or failed when it was."],
    actions: [
      "Load sev-guest or tdx-guest, and look into the log of the kernel; use the VM image of a Contrast release.",
    ],
  },
  "issuer/forbidden": {
    causes: ["The container runs as an ordinary user, or its /sys is mounted read-only."],
    actions: ["Let the container run as root and write to /sys/kernel/config/tsm, or give it /dev/sev-guest."],
  },
  "issuer/busy": {
    causes: [
      "The host slows down requests to the firmware, because this or another VM makes many.",
      "An earlier TDX quote is still being made.",
    ],
    actions: ["Try again later.", "Ask the operator of the host how many requests a VM may make."],
  },
  "issuer/disturbed": {
    causes: ["Another program in this VM writes to entries of configfs-tsm that are not its own."],
    actions: ["Find out which programs in the VM ask for evidence; the entries of this one begin with contrast-."],
  },
  "issuer/host-silent": {
    causes: ["The quote generation service of the host does not run, or the VM has no connection to it."],
    actions: ["Ask the operator of the host to look at its quote generation service (QGS) and at the VM's vsock."],
  },
  "issuer/host-failed": {
    causes: [
      "The firmware refused the request; the message has its status.",
      "The quoting service of the host failed, for instance because the machine is not registered with Intel.",
    ],
    actions: ["Look into the kernel's log of the VM and of the host.", "Restart the VM; some errors end only then."],
  },
  "issuer/report-data-differs": {
    causes: ["The driver or the host handed out evidence that was made for somebody else."],
    actions: ["Try again; where it happens again, do not trust the VM image."],
  },
  "issuer/certificates-malformed": {
    causes: ["The operator of the host has loaded a damaged certificate table for SEV-SNP."],
    actions: ["Ask the operator to load it again. Evidence goes without it, and verifiers ask AMD themselves."],
  },
  "issuer/thim-invalid": {
    causes: ["Something else than Azure's service answers at 169.254.169.254."],
    actions: ["Set CONTRAST_THIM=off where this is not Azure. Evidence goes without its certificates."],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
