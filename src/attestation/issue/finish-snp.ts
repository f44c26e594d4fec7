import { ContrastError, messageOf } from "../../lib/errors.ts";
import { createHttpClient } from "../../lib/http-client.ts";
import type { Logger } from "../../lib/log.ts";
import type { Sleep } from "../../lib/sleep.ts";
import type { GatherCollateral } from "../gather-collateral.ts";
import { ownSnpEvidence } from "../own-snp-evidence.ts";
import { presentOwnSnp } from "../present-own-evidence.ts";
import type { TrustRoots } from "../trust-roots.ts";
import type { PresentedEvidence } from "../validator.ts";
import { type CertificateTable, parseCertificateTable } from "./certificate-table.ts";
import { createEndorsementSource, type EndorsementSourceOptions } from "./endorsement-source.ts";
import type { KernelInterfaces } from "./kernel-interfaces.ts";
import { isOnAzure, MACHINE_FILES, parseCpuinfo } from "./machine-facts.ts";
import type { RawEvidence } from "./raw-evidence.ts";
import { askThim } from "./thim.ts";

/** What evidence of SNP is finished with. */
export interface SnpFinisherOptions {
  readonly kernel: KernelInterfaces;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly roots: TrustRoots["amd"];
  readonly gather?: GatherCollateral | undefined;
  readonly now: () => Date;
  readonly sleep: Sleep;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Makes evidence of a report: checks it, names its product, adds its endorsements. */
export type SnpFinisher = (raw: RawEvidence, reportData: Uint8Array) => Promise<PresentedEvidence>;

/** @returns what throws ContrastError `issuer/report-malformed`, `issuer/report-data-differs` */
export async function createSnpFinisher(options: SnpFinisherOptions): Promise<SnpFinisher> {
  const { kernel, log, gather } = options;
  const cpuid = parseCpuinfo((await kernel.text("/proc/cpuinfo")) ?? "");
  const endorse = createEndorsementSource({ ...options, gather, askCloud: await cloudOf(options) });
  let isTableTold = false;
  const tableOf = (bytes: Uint8Array): CertificateTable => {
    try {
      return parseCertificateTable(bytes);
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
      if (!isTableTold) log.warn("ignoring the certificates of the host", { reason: messageOf(error) });
      isTableTold = true;
      return {};
    }
  };
  return async ({ bytes, certificateTable }, reportData) => {
    const evidence = ownSnpEvidence(bytes, reportData, tableOf(certificateTable), cpuid);
    return presentOwnSnp({ ...evidence, endorsements: await endorse(evidence) });
  };
}

/** Azure's service, where the environment or the machine itself says that it is there. */
async function cloudOf(options: SnpFinisherOptions): Promise<EndorsementSourceOptions["askCloud"]> {
  const { env, kernel, log } = options;
  const wish = env["CONTRAST_THIM"];
  if (wish === "off") return undefined;
  const files = [MACHINE_FILES.vendor, MACHINE_FILES.chassis].map((path) => kernel.text(path));
  const [vendor, chassis] = await Promise.all(files);
  if (wish !== "on" && !isOnAzure(vendor, chassis)) return undefined;
  return async (signal) => await askThim(createHttpClient({ offline: false, log, signal }));
}
