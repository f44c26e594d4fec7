import { afterEach } from "bun:test";
import { type AtlsService, startAtlsService } from "../../../src/attestation/atls/serve/serve.ts";
import type { AtlsRefusal, AtlsServiceOptions } from "../../../src/attestation/atls/serve/serve-options.ts";
import type { ServedConnection } from "../../../src/attestation/atls/serve/served-connection.ts";
import type { EvidenceIssuer } from "../../../src/attestation/issuer.ts";
import type { Logger } from "../../../src/lib/log.ts";
import { judgeReportData } from "./test-validator.ts";

/** Evidence that is nothing but its report data, for `judgeReportData`. */
export const BARE_ISSUER: EvidenceIssuer = {
  tee: "snp",
  source: "test",
  issue: (reportData) => Promise.resolve({ oid: "1.3.9901.2.1", value: reportData }),
};

export const SILENT_LOG: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A server of a test and what it heard. */
export interface TestAtlsService extends AtlsService {
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly served: readonly ServedConnection<string>[];
  readonly refusals: readonly AtlsRefusal[];
  /** The next refusal, or the first that nobody asked for yet. */
  readonly nextRefusal: () => Promise<AtlsRefusal>;
  readonly nextServed: () => Promise<ServedConnection<string>>;
}

const services: AtlsService[] = [];

/** Starts servers on loopback that attest their clients by `judgeReportData`, and ends them after each test. */
export function useAtlsServices(): typeof serveAtls {
  afterEach(() => {
    for (const service of services.splice(0)) service.destroyAll();
  });
  return serveAtls;
}

async function serveAtls(change: Partial<AtlsServiceOptions<string>> = {}): Promise<TestAtlsService> {
  const served = queue<ServedConnection<string>>();
  const refusals = queue<AtlsRefusal>();
  const service = await startAtlsService<string>({
    address: { host: "127.0.0.1", port: 0 },
    issuer: BARE_ISSUER,
    clientCertificate: "requested",
    admit: () => Promise.resolve({ validate: undefined, admission: "admitted" }),
    onConnection: served.push,
    onRefused: refusals.push,
    now: () => new Date(),
    log: SILENT_LOG,
    ...change,
  });
  services.push(service);
  return {
    port: service.port,
    get connections() {
      return service.connections;
    },
    stopListening: service.stopListening,
    destroyAll: service.destroyAll,
    endpoint: { host: "127.0.0.1", port: service.port },
    served: served.all,
    refusals: refusals.all,
    nextRefusal: refusals.next,
    nextServed: served.next,
  };
}

/** Admits clients whose evidence `judgeReportData` accepts. */
export const ATTESTED: Partial<AtlsServiceOptions<string>> = {
  clientCertificate: "attested",
  admit: () => Promise.resolve({ validate: judgeReportData, admission: "attested" }),
};

function queue<T>(): { all: T[]; push: (item: T) => void; next: () => Promise<T> } {
  const all: T[] = [];
  const waiting: ((item: T) => void)[] = [];
  let taken = 0;
  return {
    all,
    push: (item) => {
      all.push(item);
      const resolve = waiting.shift();
      if (resolve === undefined) return;
      taken++;
      resolve(item);
    },
    next: () => {
      const item = all[taken];
      if (item === undefined) return new Promise((resolve) => waiting.push(resolve));
      taken++;
      return Promise.resolve(item);
    },
  };
}
