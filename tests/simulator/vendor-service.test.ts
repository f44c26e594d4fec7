import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { inspectCollateral } from "../../src/attestation/inspect-collateral.ts";
import { SIMULATED_PLATFORMS, type SimulatedMachine } from "../../src/simulator/simulated-machine.ts";
import { startVendorService, type VendorService } from "../../src/simulator/vendor-service.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { MACHINE_TIME, rootsOf, testMachine } from "../fakes/simulated-machines.ts";

const DAY_MS = 86_400_000;
const ISSUER_CHAIN_HEADERS: Readonly<Record<string, string>> = {
  "intel-tcb-info": "TCB-Info-Issuer-Chain",
  "intel-qe-identity": "SGX-Enclave-Identity-Issuer-Chain",
  "intel-pck-crl": "SGX-PCK-CRL-Issuer-Chain",
};

const running: VendorService[] = [];
afterAll(async () => {
  for (const service of running) await service.stop();
});

/** A service whose machine remembers what it was asked for. */
async function start(machine: SimulatedMachine, now: () => Date): Promise<VendorService & { readonly made: Date[] }> {
  const made: Date[] = [];
  const collateral = (at: Date): readonly CollateralItem[] => {
    made.push(at);
    return machine.collateral(at);
  };
  const service = await startVendorService({ machine: { collateral }, now });
  running.push(service);
  return { ...service, made };
}

function pathOf({ url }: CollateralItem): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

describe.each(SIMULATED_PLATFORMS)("startVendorService() for %s", (platform) => {
  let machine: SimulatedMachine;
  let service: VendorService;
  beforeAll(async () => {
    machine = await testMachine(platform);
    service = await start(machine, () => MACHINE_TIME);
  });

  test("delivers everything under the vendor's path, with the issuer chain in its header", async () => {
    const inspect = inspectCollateral(rootsOf(machine));
    for (const item of machine.collateral(MACHINE_TIME)) {
      const response = await fetch(service.url + pathOf(item));
      expect(response.status).toBe(200);
      const body = new Uint8Array(await response.arrayBuffer());
      // Signatures differ each time; what is signed is the same.
      expect(Math.abs(body.length - item.body.length)).toBeLessThan(8);
      const header = ISSUER_CHAIN_HEADERS[item.need.kind];
      const chain = header === undefined ? undefined : response.headers.get(header);
      expect(chain === null ? "none" : chain && decodeURIComponent(chain)).toBe(item.issuerChainPem);
      expect(chain ?? "").not.toMatch(/[+ \n]/);
      const { notBefore, notAfter } = inspect({ ...item, body });
      expect(notBefore!.getTime()).toBeLessThan(MACHINE_TIME.getTime());
      expect(notAfter!.getTime()).toBeGreaterThan(MACHINE_TIME.getTime() + 28 * DAY_MS);
    }
  });

  test("knows nothing about other machines", async () => {
    const other = `/vcek/v1/Milan/${"ab".repeat(64)}?blSPL=4&teeSPL=0&snpSPL=24&ucodeSPL=219`;
    for (const path of [other, "/tdx/certification/v4/tcb?fmspc=00906ed50000", "/vcek/v1/Turin/crl"]) {
      expect((await fetch(service.url + path)).status).toBe(404);
    }
  });

  test.each([
    ["/", 404],
    ["/vcek/v2/Milan/crl", 404],
    ["/sgx/certification/v3/pckcrl?ca=platform&encoding=der", 404],
    ["/IntelSGXRootCA.der/..", 404],
    ["/vcek/v1/Rome/crl", 400],
    ["/vcek/v1/Milan/abcd?blSPL=4&teeSPL=0&snpSPL=24&ucodeSPL=219", 400],
    [`/vcek/v1/Milan/${"ab".repeat(64)}?blSPL=4`, 400],
    ["/tdx/certification/v4/tcb?fmspc=00906ed5", 400],
    ["/tdx/certification/v4/tcb", 400],
    ["/sgx/certification/v4/pckcrl?ca=planet&encoding=der", 400],
    [`/vcek/v1/Milan/${"a".repeat(2000)}`, 400],
  ])("answers %s with %d", async (path, status) => {
    expect((await fetch(service.url + path)).status).toBe(status);
  });

  test("answers nothing but GET", async () => {
    const item = machine.collateral(MACHINE_TIME)[0]!;
    const response = await fetch(service.url + pathOf(item), { method: "POST", body: "x" });
    expect(response.status).toBe(400);
  });

  test("never asks to wait", async () => {
    const path = service.url + pathOf(machine.collateral(MACHINE_TIME)[0]!);
    const statuses = await Promise.all(Array.from({ length: 200 }, async () => (await fetch(path)).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe("startVendorService()", () => {
  test("makes documents anew when half of their life is over, or the clock was set back", async () => {
    let time = MACHINE_TIME;
    const service = await start(await testMachine("tdx"), () => time);
    const url = `${service.url}/IntelSGXRootCA.der`;
    const makes: number[] = [];
    for (const days of [0, 0, 10, 15, 16, 28, 31, 200, 199.5, 100]) {
      time = new Date(MACHINE_TIME.getTime() + days * DAY_MS);
      expect((await fetch(url)).status).toBe(200);
      makes.push(service.made.length);
    }
    expect(makes).toEqual([1, 1, 1, 2, 2, 2, 3, 4, 4, 5]);
  });

  test("keeps a bounded number of connections and still answers when they are gone", async () => {
    const { port, url } = await start(await testMachine("tdx"), () => MACHINE_TIME);
    const sockets = Array.from({ length: 300 }, () => connect(port, "127.0.0.1"));
    const closed = sockets.map((socket) => new Promise<void>((resolve) => socket.on("close", () => resolve())));
    await new Promise<void>((resolve) => {
      let count = 0;
      for (const one of closed) void one.then(() => ++count === 300 - 256 && resolve());
    });
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
    expect((await fetch(`${url}/IntelSGXRootCA.der`)).status).toBe(200);
  });

  test("listens on loopback, and not at all once it is stopped", async () => {
    const service = await startVendorService({ machine: await testMachine("tdx"), now: () => MACHINE_TIME });
    expect(service.url).toBe(`http://127.0.0.1:${service.port}`);
    await service.stop();
    const failed = await fetch(service.url).then(
      () => "answered",
      () => "failed",
    );
    expect(failed).toBe("failed");
  });

  test("says that the port is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const machine = await testMachine("tdx");
    const code = await codeOfAsync(() => startVendorService({ machine, port, now: () => MACHINE_TIME }));
    taken.close();
    expect(code).toBe("simulator/service-failed");
  });
});
