import { messageOf } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import type { Sleep } from "../../lib/sleep.ts";
import type { GatherCollateral } from "../gather-collateral.ts";
import { type FoundEndorsements, fittingEndorsements, gatherEndorsements, withEarlier } from "../own-endorsements.ts";
import type { OwnSnpEndorsements, OwnSnpEvidence } from "../own-snp-evidence.ts";
import type { TrustRoots } from "../trust-roots.ts";
import type { CertificateTable } from "./certificate-table.ts";

/** Where endorsements of this machine's reports come from. */
export interface EndorsementSourceOptions {
  readonly gather: GatherCollateral | undefined;
  /** Certificates from a service of the cloud; undefined where there is none. Throws where it fails. */
  readonly askCloud: ((signal: AbortSignal) => Promise<CertificateTable>) | undefined;
  readonly roots: TrustRoots["amd"];
  readonly now: () => Date;
  readonly sleep: Sleep;
  readonly log: Logger;
  /** Ends what is under way in the background. */
  readonly signal: AbortSignal;
}

/** Finds endorsements for evidence that has what the host gave; never fails. */
export type EndorsementSource = (evidence: OwnSnpEvidence) => Promise<OwnSnpEndorsements>;

/** A connection that waits for evidence has 30 s for everything. */
const LONGEST_WAIT_MS = 3000;
/** Revocation lists are asked for again when the original clears its cache. */
const REFRESH_MS = 24 * 60 * 60 * 1000;
const RETRY_MS = 10 * 60 * 1000;

/**
 * Makes a source of endorsements for the life of the process. The first caller waits for services a short while; after
 * that they are asked in the background, and evidence goes out with what is known. What fails is logged once until it
 * succeeds, and evidence goes without it: a verifier can ask AMD itself.
 */
export function createEndorsementSource(options: EndorsementSourceOptions): EndorsementSource {
  const { log, now, roots, sleep, signal } = options;
  const told = new Set<string>();
  const tell = (text: string, failures: readonly string[]): void => {
    for (const reason of failures) {
      if (told.has(reason) || told.size > MAX_TOLD) continue;
      told.add(reason);
      log.warn(text, { reason });
    }
  };
  let known: { readonly key: string; readonly endorsements: OwnSnpEndorsements; readonly untilMs: number } | undefined;
  let running: Promise<void> | undefined;

  const search = async (key: string, evidence: OwnSnpEvidence): Promise<void> => {
    const cloud = await askCloud(options);
    const withCloud = { ...evidence, endorsements: { ...cloud.endorsements, ...defined(evidence.endorsements) } };
    const fitting = fittingEndorsements(withCloud, roots);
    const found = await gatherEndorsements({ ...evidence, ...fitting }, { ...options, at: now() });
    const failures = [...cloud.failures, ...fitting.failures, ...found.failures];
    tell("evidence goes without some endorsements", failures);
    const lifeMs = failures.length === 0 ? REFRESH_MS : RETRY_MS;
    const earlier = known?.key === key ? known.endorsements : {};
    const endorsements = withEarlier(evidence, found.endorsements, earlier, { roots, at: now() });
    known = { key, endorsements, untilMs: now().getTime() + lifeMs };
  };

  let lastHost: { readonly key: string; readonly found: FoundEndorsements } | undefined;
  /** A host gives the same every time, so that it is looked into once. */
  const fittingOfHost = (evidence: OwnSnpEvidence): FoundEndorsements => {
    const key = keyOf(evidence);
    if (lastHost?.key !== key) {
      lastHost = { key, found: fittingEndorsements(evidence, roots) };
      tell("ignoring a certificate of the host", lastHost.found.failures);
    }
    return lastHost.found;
  };

  return async (evidence) => {
    const own = { ...evidence, endorsements: fittingOfHost(evidence).endorsements };
    const key = keyOf(own);
    if (known === undefined || known.key !== key || known.untilMs <= now().getTime()) {
      running ??= search(key, own)
        .catch((error: unknown) => {
          if (signal.aborted) return;
          tell("evidence goes without some endorsements", [messageOf(error)]);
          const endorsements = known?.key === key ? known.endorsements : own.endorsements;
          known = { key, endorsements, untilMs: now().getTime() + RETRY_MS };
        })
        .finally(() => (running = undefined));
      if (known?.key !== key) await waitBriefly(running, sleep);
    }
    return known?.key === key ? known.endorsements : own.endorsements;
  };
}

const MAX_TOLD = 100;

/** All that endorsements depend on: chip, firmware, and what the host gave. */
function keyOf({ report, product, endorsements }: OwnSnpEvidence): string {
  const { chipId, reportedTcb, signerInfo } = report;
  const given = Object.values(endorsements).map((der) => der?.toHex() ?? "");
  return [product, chipId.toHex(), reportedTcb, signerInfo.signingKey, ...given].join(" ");
}

async function askCloud({ askCloud: ask, signal }: EndorsementSourceOptions): Promise<FoundEndorsements> {
  try {
    return { endorsements: (await ask?.(signal)) ?? {}, failures: [] };
  } catch (error) {
    return { endorsements: {}, failures: [messageOf(error)] };
  }
}

function defined({ vcek, vlek, ask, ark, crl }: OwnSnpEndorsements): OwnSnpEndorsements {
  return {
    ...(vcek && { vcek }),
    ...(vlek && { vlek }),
    ...(ask && { ask }),
    ...(ark && { ark }),
    ...(crl && { crl }),
  };
}

async function waitBriefly(work: Promise<void>, sleep: Sleep): Promise<void> {
  const timer = new AbortController();
  try {
    await Promise.race([work, sleep(LONGEST_WAIT_MS, timer.signal).catch(() => {})]);
  } finally {
    timer.abort();
  }
}
