import { ContrastError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import { type Sleep, sleep } from "../../lib/sleep.ts";
import type { GatherCollateral } from "../gather-collateral.ts";
import type { EvidenceIssuer } from "../issuer.ts";
import type { TrustRoots } from "../trust-roots.ts";
import { chooseRawIssuer } from "./choose-raw-issuer.ts";
import { createSnpFinisher } from "./finish-snp.ts";
import { type KernelInterfaces, kernelInterfaces } from "./kernel-interfaces.ts";
import { createRequestQueue } from "./request-queue.ts";

/** What evidence of this machine is made with. */
export interface KernelIssuerOptions {
  readonly log: Logger;
  readonly now: () => Date;
  /** Ends what is under way in the background. */
  readonly signal: AbortSignal;
  /** `CONTRAST_THIM` is `on` or `off`; without it Azure's service is asked where the machine seems to be Azure's. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Sort out certificates that do not fit; nothing is trusted because of them. */
  readonly roots: TrustRoots["amd"];
  /** Finds VCEK and revocation list; undefined sends only what the host gives. */
  readonly gather?: GatherCollateral | undefined;
  /** Those of the running kernel unless given. */
  readonly kernel?: KernelInterfaces | undefined;
  readonly sleep?: Sleep | undefined;
}

const REPORT_DATA_SIZE = 64;

/**
 * Opens the running machine's source of evidence: configfs-tsm, else `/dev/sev-guest`.
 *
 * @returns an issuer that may be asked by many at once; their requests wait for each other, since firmware takes one at
 *   a time, and a request that fails says nothing to the next
 * @throws ContrastError `issuer/no-tee`, `issuer/quotes-unavailable`, `issuer/forbidden`, `issuer/provider-unsupported`,
 *   `issuer/kernel-error`, `lib/interrupted`
 */
export async function openKernelIssuer(options: KernelIssuerOptions): Promise<EvidenceIssuer> {
  const { kernel = kernelInterfaces(), log } = options;
  const settled = { ...options, kernel, sleep: options.sleep ?? sleep };
  const raw = await chooseRawIssuer(kernel, options.signal);
  const enqueue = createRequestQueue(raw, settled);
  const finishSnp = await createSnpFinisher(settled);
  log.debug("evidence comes from the kernel", { source: raw.source, tee: raw.tee });
  return {
    tee: raw.tee,
    source: raw.source,
    issue: async (reportData, signal) => {
      if (reportData.length !== REPORT_DATA_SIZE) {
        const fact = `got ${reportData.length} bytes of report data, need ${REPORT_DATA_SIZE}`;
        throw new ContrastError("lib/internal", `Cannot issue evidence: ${fact}`);
      }
      const asked = reportData.slice();
      const evidence = await enqueue(asked, signal);
      log.debug("raw evidence", { tee: evidence.tee, hex: evidence.bytes.toHex() });
      if (evidence.tee === "snp") return await finishSnp(evidence, asked);
      const { presentOwnTdx } = await import("../present-own-evidence.ts");
      return presentOwnTdx(evidence.bytes, asked);
    },
  };
}
