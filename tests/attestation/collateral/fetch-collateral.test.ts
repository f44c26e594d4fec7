import { afterAll, describe, expect, test } from "bun:test";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createServer as createTlsServer } from "node:https";
import type { CollateralItem, CollateralNeed } from "../../../src/attestation/collateral-need.ts";
import { collateralUrl } from "../../../src/attestation/collateral/collateral-url.ts";
import { createCollateralFetcher } from "../../../src/attestation/collateral/fetch-collateral.ts";
import { type Sleep, sleep } from "../../../src/lib/sleep.ts";
import { CHAIN_PEM, NEEDS, fakeItem } from "../../fakes/collateral-items.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { type ManualClock, manualClock } from "../../fakes/manual-clock.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";
import { makeTestCertificates } from "../../fakes/test-certificates.ts";
import { startVendorServices, type TroubleScript, type VendorServices } from "../../fakes/vendor-services.ts";

const stops: (() => void)[] = [];
afterAll(() => {
  for (const stop of stops) stop();
});

interface Setting {
  readonly services: VendorServices;
  readonly clock: ManualClock;
  readonly fetch: (need?: CollateralNeed, change?: FetchChange) => Promise<CollateralItem>;
}

interface FetchChange {
  readonly attempts?: number;
  readonly inMs?: number;
  readonly signal?: AbortSignal;
}

async function start(trouble: TroubleScript = () => undefined, sleepInstead?: Sleep): Promise<Setting> {
  const services = await startVendorServices(...Object.values(NEEDS).map((need) => fakeItem(need)));
  stops.push(services.stop);
  services.trouble = trouble;
  const clock = manualClock("2026-01-02T12:00:00Z");
  const { now } = clock;
  const wait = sleepInstead ?? clock.sleep;
  const fetcher = createCollateralFetcher({
    mirrors: services.mirrors,
    caPem: undefined,
    now,
    sleep: wait,
    log: recordLog(),
  });
  const fetch: Setting["fetch"] = (need = NEEDS.crl, change = {}) =>
    fetcher(need, {
      signal: change.signal ?? new AbortController().signal,
      deadline: new Date(now().getTime() + (change.inMs ?? 30_000)),
      attempts: change.attempts ?? 4,
    });
  return { services, clock, fetch };
}

const busy =
  (status: number, retryAfter?: string): TroubleScript =>
  () => ({
    kind: "status",
    status,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });

describe("createCollateralFetcher()", () => {
  test.each(Object.values(NEEDS))("gets %j as published, under the vendor's address", async (need) => {
    const { services, clock, fetch } = await start();
    expect(await fetch(need)).toEqual(fakeItem(need, {}, { fetchedAt: clock.now() }));
    expect(services.requests).toEqual([collateralUrl(need)]);
  });

  test.each([429, 500, 503])("asks again, ever later, while the service answers %d", async (status) => {
    const { services, clock, fetch } = await start((_, count) => (count < 4 ? { kind: "status", status } : undefined));
    expect((await fetch()).origin).toBe("network");
    expect(services.requests.length).toBe(4);
    expect(clock.slept.length).toBe(3);
    for (const [index, ms] of clock.slept.entries()) {
      expect(ms).toBeWithin(500 * 2 ** index, 1000 * 2 ** index + 1);
    }
  });

  test("gives up after the attempts that it was given", async () => {
    const { services, fetch } = await start(busy(503));
    expect(await codeOfAsync(() => fetch(NEEDS.crl, { attempts: 2 }))).toBe("attestation/collateral-service-busy");
    expect(services.requests.length).toBe(2);
  });

  test.each([
    ["5", 5000],
    ["Fri, 02 Jan 2026 12:00:07 GMT", 7000],
  ])("waits as long as Retry-After: %s asks", async (retryAfter, ms) => {
    const { clock, fetch } = await start((_, count) =>
      count === 1 ? { kind: "status", status: 429, retryAfter } : undefined,
    );
    await fetch();
    expect(clock.slept).toEqual([ms]);
  });

  test("does not wait beyond its deadline", async () => {
    const { services, clock, fetch } = await start(busy(429, "31"));
    expect(await codeOfAsync(() => fetch())).toBe("attestation/collateral-service-busy");
    expect(services.requests.length).toBe(1);
    expect(clock.slept).toEqual([]);
    expect(await codeOfAsync(() => fetch(NEEDS.crl, { inMs: 0 }))).toBe("lib/network-timeout");
    expect(services.requests.length).toBe(1);
  });

  test("asks no service that wants a longer pause than half a minute, whatever time there is", async () => {
    const { services, clock, fetch } = await start(busy(429, "31"));
    expect(await codeOfAsync(() => fetch(NEEDS.crl, { inMs: 150_000 }))).toBe("attestation/collateral-service-busy");
    expect([services.requests.length, clock.slept]).toEqual([1, []]);
  });

  test("asks again after a broken connection, before and within the answer", async () => {
    for (const after of ["nothing", "header"] as const) {
      const { services, fetch } = await start((_, count) => (count === 1 ? { kind: "reset", after } : undefined));
      expect((await fetch()).body).toEqual(fakeItem(NEEDS.crl).body);
      expect(services.requests.length).toBe(2);
    }
  });

  test.each(["nothing", "header"] as const)("does not wait for a service that stalls after %s", async (after) => {
    const { fetch } = await start(() => ({ kind: "stall", after }));
    expect(await codeOfAsync(() => fetch(NEEDS.crl, { attempts: 1, inMs: 50 }))).toBe("lib/network-timeout");
  });

  test("asks once where asking again would not help", async () => {
    const cases: readonly (readonly [string, TroubleScript])[] = [
      ["attestation/collateral-not-found", busy(404)],
      ["attestation/collateral-not-found", busy(410)],
      ["attestation/collateral-answer-invalid", busy(400)],
      ["attestation/collateral-answer-invalid", busy(403)],
      ["attestation/collateral-answer-invalid", busy(204)],
      ["attestation/collateral-answer-invalid", () => ({ kind: "oversized" })],
      ["attestation/collateral-answer-invalid", () => ({ kind: "body", body: "" })],
      ["attestation/collateral-answer-invalid", () => ({ kind: "header", name: "content-encoding", value: "gzip" })],
    ];
    for (const [code, trouble] of cases) {
      const { services, fetch } = await start(trouble);
      expect(await codeOfAsync(() => fetch())).toBe(code);
      expect(services.requests.length).toBe(1);
    }
  });

  test("follows redirects on the same host only, and not for ever", async () => {
    const home = await start((url) =>
      url.endsWith("crl") ? { kind: "redirect", location: "/kds/vcek/v1/Milan/crl?moved" } : undefined,
    );
    expect(await codeOfAsync(() => home.fetch())).toBe("attestation/collateral-not-found");
    expect(home.services.requests).toEqual([collateralUrl(NEEDS.crl), `${collateralUrl(NEEDS.crl)}?moved`]);

    const other = await start();
    const away = await start(() => ({ kind: "redirect", location: `${other.services.mirrors.kds}/vcek/v1/Milan/crl` }));
    expect(await codeOfAsync(() => away.fetch())).toBe("attestation/collateral-answer-invalid");
    expect(other.services.requests).toEqual([]);

    const loop = await start(() => ({ kind: "redirect", location: "/kds/vcek/v1/Milan/crl" }));
    expect(await codeOfAsync(() => loop.fetch())).toBe("attestation/collateral-answer-invalid");
    expect(loop.services.requests.length).toBe(4);
    const nowhere = await start(() => ({ kind: "redirect", location: "http://[" }));
    expect(await codeOfAsync(() => nowhere.fetch())).toBe("attestation/collateral-answer-invalid");
  });

  test("refuses Intel's answers without a well-formed issuer chain", async () => {
    const name = "tcb-info-issuer-chain";
    for (const value of [undefined, "", "%", encodeURIComponent(CHAIN_PEM + CHAIN_PEM)]) {
      const { fetch } = await start(() => ({ kind: "header", name, value }));
      expect(await codeOfAsync(() => fetch(NEEDS.tcbInfo))).toBe("attestation/collateral-answer-invalid");
    }
  });

  test("ends when it is interrupted before the answer", async () => {
    const controller = new AbortController();
    const waiting = await start(() => {
      queueMicrotask(() => controller.abort());
      return { kind: "status", status: 503 };
    });
    expect(await codeOfAsync(() => waiting.fetch(NEEDS.crl, { signal: controller.signal }))).toBe("lib/interrupted");
    expect(waiting.services.requests.length).toBe(1);
  });

  test("ends when it is interrupted while it waits", async () => {
    const controller = new AbortController();
    const waiting = await start(busy(503), (ms, signal) => {
      controller.abort(new Error("stopped"));
      return sleep(ms, signal);
    });
    expect(await codeOfAsync(() => waiting.fetch(NEEDS.crl, { signal: controller.signal }))).toBe("lib/interrupted");
    expect(waiting.services.requests.length).toBe(1);
  });

  test("ends when it is interrupted during a request", async () => {
    const controller = new AbortController();
    const { fetch } = await start(() => {
      controller.abort();
      return { kind: "stall", after: "nothing" };
    });
    expect(await codeOfAsync(() => fetch(NEEDS.crl, { signal: controller.signal }))).toBe("lib/interrupted");
  });
});

const certificates = makeTestCertificates(temporaryDirectory());
if (certificates === undefined && process.env["CI"] === "true") throw new Error("openssl is missing");

describe.if(certificates !== undefined)("createCollateralFetcher() behind TLS", () => {
  const { ca = "", key = "", cert = "" } = certificates ?? {};

  test("goes through the proxy of the environment, trusts the authority of the mirror, and no other", async () => {
    const mirror = createTlsServer({ key, cert }, (request, response) => response.end(request.url));
    const proxy = createServer();
    const asked: string[] = [];
    proxy.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      const upstream = connect(portOf(mirror), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [upstream, socket]) end.on("error", () => {});
    });
    for (const server of [mirror, proxy]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      stops.push(() => void server.close());
    }
    const HTTPS_PROXY = `http://127.0.0.1:${portOf(proxy)}`;
    const url = `https://127.0.0.1:${portOf(mirror)}/pcs`;
    expect(await runFetch(url, { HTTPS_PROXY, NO_PROXY: "", TEST_CA: ca })).toBe("/pcs/IntelSGXRootCA.der");
    expect(asked).toEqual([`127.0.0.1:${portOf(mirror)}`]);
    expect(await runFetch(url, { HTTPS_PROXY, NO_PROXY: "127.0.0.1", TEST_CA: ca })).toBe("/pcs/IntelSGXRootCA.der");
    expect(asked.length).toBe(1);
    expect(await runFetch(url, {})).toBe("lib/tls-failed");
  });
});

function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

/** Fetches the root CRL in a process of its own, whose environment decides about proxies. */
async function runFetch(mirror: string, env: Readonly<Record<string, string>>): Promise<string> {
  const program = `
    import { createCollateralFetcher } from "./src/attestation/collateral/fetch-collateral.ts";
    import { sleep } from "./src/lib/sleep.ts";
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const mirrors = { kds: undefined, pcs: "${mirror}" };
    const now = () => new Date();
    const fetch = createCollateralFetcher({ mirrors, caPem: process.env.TEST_CA, now, sleep, log });
    try {
      const limits = { signal: new AbortController().signal, deadline: new Date(Date.now() + 5000), attempts: 1 };
      console.log(new TextDecoder().decode((await fetch({ kind: "intel-root-crl" }, limits)).body));
    } catch (error) {
      console.log(error.code);
    }`;
  const child = Bun.spawn([process.execPath, "-e", program], { env: { ...process.env, ...env }, stderr: "ignore" });
  return (await new Response(child.stdout).text()).trim();
}
