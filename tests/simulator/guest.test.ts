import { describe, expect, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeGuest, openGuestIssuer, readGuest } from "../../src/simulator/guest.ts";
import { saveMachine } from "../../src/simulator/machine.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { MACHINE_TIME, testMachine } from "../fakes/simulated-machines.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const GUEST = {
  policyHash: new Uint8Array(32).fill(0xab),
  launchDigest: new Uint8Array(48).fill(0xcd),
  rtmrs: [1, 2, 3, 4].map((value) => new Uint8Array(48).fill(value)),
  endorsements: true,
};

function fileOf(text: string): string {
  const path = join(temporaryDirectory(), "guest.json");
  writeFileSync(path, text);
  return path;
}

describe("readGuest()", () => {
  test("reads what encodeGuest() writes", async () => {
    const path = fileOf(encodeGuest({ machine: "/machines/one", guest: GUEST }));
    expect(await readGuest(path)).toEqual({ machine: "/machines/one", guest: GUEST });
  });

  test("leaves out what was left out", async () => {
    const { policyHash } = GUEST;
    const { guest } = await readGuest(fileOf(encodeGuest({ machine: "machine", guest: { policyHash } })));
    expect(guest).toEqual({ policyHash, launchDigest: undefined, rtmrs: undefined, endorsements: undefined });
  });

  test("finds the machine from where the file is", async () => {
    const path = fileOf(encodeGuest({ machine: "../machine", guest: GUEST }));
    expect((await readGuest(path)).machine).toBe(join(path, "../../machine"));
  });

  const good = (): Record<string, unknown> => JSON.parse(encodeGuest({ machine: "machine", guest: GUEST }));

  test.each<[string, Record<string, unknown>]>([
    ["another schema", { schema: "contrast.sandbox.guest/v2" }],
    ["an unknown member", { chip: "" }],
    ["no machine", { machine: "" }],
    ["a machine with an endless name", { machine: "m".repeat(4097) }],
    ["a machine that is no text", { machine: 1 }],
    ["a policy hash that is short", { policyHash: "ab".repeat(31) }],
    ["a policy hash that is long", { policyHash: "ab".repeat(33) }],
    ["a policy hash in upper case", { policyHash: "AB".repeat(32) }],
    ["no policy hash", { policyHash: undefined }],
    ["a launch digest that is short", { launchDigest: "cd".repeat(47) }],
    ["a launch digest that is no hexadecimal text", { launchDigest: "xy".repeat(48) }],
    ["three run-time measurements", { rtmrs: Array(3).fill("cd".repeat(48)) }],
    ["a run-time measurement that is short", { rtmrs: Array(4).fill("cd".repeat(47)) }],
    ["endorsements that are no flag", { endorsements: "yes" }],
  ])("refuses %s", async (_name, change) => {
    const path = fileOf(JSON.stringify({ ...good(), ...change }));
    expect(await codeOfAsync(() => readGuest(path))).toBe("simulator/guest-invalid");
  });

  test.each(["", "{", "[]", "null", "[[[[[]]]]]"])("refuses the text %j", async (text) => {
    expect(await codeOfAsync(() => readGuest(fileOf(text)))).toBe("simulator/guest-invalid");
  });

  test("says that there is no file, none of a reasonable size, none with text", async () => {
    expect(await codeOfAsync(() => readGuest(join(temporaryDirectory(), "none")))).toBe("lib/file-unreadable");
    expect(await codeOfAsync(() => readGuest(fileOf(" ".repeat(16 * 1024 + 1))))).toBe("lib/file-too-large");
    const path = join(temporaryDirectory(), "guest.json");
    writeFileSync(path, Uint8Array.of(0xff));
    expect(await codeOfAsync(() => readGuest(path))).toBe("lib/text-not-utf8");
  });
});

describe("openGuestIssuer()", () => {
  test("makes the evidence of the guest's machine, wherever both are moved", async () => {
    const directory = temporaryDirectory();
    await saveMachine(await testMachine("tdx"), join(directory, "one", "machine"));
    writeFileSync(join(directory, "one", "guest.json"), encodeGuest({ machine: "machine", guest: GUEST }));
    renameSync(join(directory, "one"), join(directory, "two"));
    const issuer = await openGuestIssuer(join(directory, "two", "guest.json"), () => MACHINE_TIME);
    expect({ tee: issuer.tee, source: issuer.source }).toEqual({ tee: "tdx", source: "simulated chip" });
    const { value } = await issuer.issue(new Uint8Array(64), new AbortController().signal);
    expect(Buffer.from(value).includes(GUEST.policyHash)).toBe(true);
    expect(Buffer.from(value).includes(GUEST.launchDigest)).toBe(true);
  });

  test("says that the machine is not there", async () => {
    const path = fileOf(encodeGuest({ machine: "machine", guest: GUEST }));
    expect(await codeOfAsync(() => openGuestIssuer(path, () => MACHINE_TIME))).toBe("lib/file-unreadable");
  });
});
