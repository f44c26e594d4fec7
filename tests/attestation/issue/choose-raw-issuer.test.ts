import { describe, expect, test } from "bun:test";
import { chooseRawIssuer } from "../../../src/attestation/issue/choose-raw-issuer.ts";
import { errno, FakeConfigfsTsm } from "../../fakes/configfs-tsm.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { fakeKernel, type FakeKernelParts } from "../../fakes/kernel.ts";
import { FakeSevGuestDevice } from "../../fakes/sev-guest-device.ts";

const DATA = new Uint8Array(64).fill(5);
const NEVER = new AbortController().signal;

const sevGuest = (): FakeSevGuestDevice => new FakeSevGuestDevice(() => new Uint8Array(1184).fill(1));

function tsmOf(name: string): FakeConfigfsTsm {
  return new FakeConfigfsTsm({ name, report: () => new Uint8Array(10).fill(2) });
}

/** configfs whose directories cannot be made. */
function failingTsm(code: string): FakeConfigfsTsm {
  const tsm = tsmOf("sev_guest");
  tsm.onAccess = () => {
    throw errno(code);
  };
  return tsm;
}

const choose = (parts: FakeKernelParts) => chooseRawIssuer(fakeKernel(parts), NEVER);

describe("chooseRawIssuer()", () => {
  test.each([
    ["sev_guest", "snp"],
    ["tdx_guest", "tdx"],
  ] as const)("takes configfs-tsm of %s before any device", async (provider, tee) => {
    const raw = await choose({ tsm: tsmOf(provider), sevGuest: sevGuest(), hasTdxGuest: true });
    expect([raw.tee, raw.source]).toEqual([tee, `configfs-tsm (${provider})`]);
    expect((await raw.request(DATA, NEVER)).bytes).toEqual(new Uint8Array(10).fill(2));
  });

  test("takes /dev/sev-guest where there is no configfs-tsm", async () => {
    const raw = await choose({ sevGuest: sevGuest(), hasTdxGuest: true });
    expect([raw.tee, raw.source]).toEqual(["snp", "/dev/sev-guest"]);
    expect((await raw.request(DATA, NEVER)).bytes).toEqual(new Uint8Array(1184).fill(1));
  });

  test.each(["EACCES", "EPERM", "EROFS", "ENXIO"])("takes /dev/sev-guest where configfs-tsm says %s", async (code) => {
    expect((await choose({ tsm: failingTsm(code), sevGuest: sevGuest() })).source).toBe("/dev/sev-guest");
  });

  test("takes /dev/sev-guest where configfs-tsm has another provider", async () => {
    expect((await choose({ tsm: tsmOf("arm_cca_guest"), sevGuest: sevGuest() })).source).toBe("/dev/sev-guest");
  });

  test.each([
    ["EACCES", "issuer/forbidden"],
    ["ENXIO", "issuer/provider-missing"],
  ])("tells what configfs-tsm said, %s, where there is no device: %s", async (name, code) => {
    expect(await codeOfAsync(() => choose({ tsm: failingTsm(name), hasTdxGuest: true }))).toBe(code);
  });

  test("tells of another provider where there is no device: issuer/provider-unsupported", async () => {
    expect(await codeOfAsync(() => choose({ tsm: tsmOf("arm_cca_guest") }))).toBe("issuer/provider-unsupported");
  });

  test.each([["ENOMEM", "issuer/kernel-error"]])("does not go on after %s: %s", async (name, code) => {
    expect(await codeOfAsync(() => choose({ tsm: failingTsm(name), sevGuest: sevGuest() }))).toBe(code);
  });

  test("says what a TDX guest without configfs-tsm lacks: issuer/quotes-unavailable", async () => {
    expect(await codeOfAsync(() => choose({ hasTdxGuest: true }))).toBe("issuer/quotes-unavailable");
  });

  test("says that this is no confidential VM: issuer/no-tee", async () => {
    expect(await codeOfAsync(() => choose({}))).toBe("issuer/no-tee");
  });

  test("says that a device may not be opened: issuer/forbidden", async () => {
    const raw = await choose({ sevGuest: sevGuest(), openError: "EACCES" });
    expect(await codeOfAsync(() => raw.request(DATA, NEVER))).toBe("issuer/forbidden");
  });

  test("ends when it is interrupted", async () => {
    const kernel = fakeKernel({ tsm: tsmOf("sev_guest") });
    expect(await codeOfAsync(() => chooseRawIssuer(kernel, AbortSignal.abort()))).toBe("lib/interrupted");
  });
});
