import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { parseGuidTable } from "../../../src/measure/guid-table.ts";
import { bootOptionEvents, OVMF_MENU } from "../../../src/measure/tdx/boot-events.ts";
import { secureBootEvents } from "../../../src/measure/tdx/efi-variable-events.ts";
import { layOutMemory } from "../../../src/measure/tdx/guest-memory.ts";
import { bootActionEvents } from "../../../src/measure/tdx/kernel-events.ts";
import { type MeasuredEvent, replayRegister } from "../../../src/measure/tdx/measured-event.ts";
import { measureMrtd } from "../../../src/measure/tdx/mrtd.ts";
import { sha384Of } from "../../../src/measure/tdx/sha384-of.ts";
import { encodeTdHob } from "../../../src/measure/tdx/td-hob.ts";
import { parseTdvfMetadata, type TdvfSection } from "../../../src/measure/tdx/tdvf-metadata.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { emptyConfiguration, fakeTdxFirmware } from "../../fakes/tdx-firmware.ts";

/**
 * RTMR0 events of a guest on real hardware, from an event log that Phala Network published with the quote (2 GiB of
 * memory; OVMF of 2024 without Secure Boot). The ACPI tables behind events 8 to 10 are not public.
 */
const REAL_RTMR0_EVENTS = [
  "0e35f1b315ba6c912cf791e5c79dd9d3a2b8704516aa27d4e5aa78fb09ede04aef2bbd02ac7a8734c48562b9c26ba35d",
  "344bc51c980ba621aaa00da3ed7436f7d6e549197dfe699515dfa2c6583d95e6412af21c097d473155875ffd561d6790",
  "9dc3a1f80bcec915391dcda5ffbb15e7419f77eab462bbf72b42166fb70d50325e37b36f93537a863769bcf9bedae6fb",
  "6f2e3cbc14f9def86980f5f66fd85e99d63e69a73014ed8a5633ce56eca5b64b692108c56110e22acadcef58c3250f1b",
  "d607c0efb41c0d757d69bca0615c3a9ac0b1db06c557d992e906c6b7dee40e0e031640c7bfd7bcd35844ef9edeadc6f9",
  "08a74f8963b337acb6c93682f934496373679dd26af1089cb4eaf0c30cf260a12e814856385ab8843e56a9acea19e127",
  "18cc6e01f0c6ea99aa23f8a280423e94ad81d96d0aeb5180504fc0f7a40cb3619dd39bd6a95ec1680a86ed6ab0f9828d",
  "394341b7182cd227c5c6b07ef8000cdfd86136c4292b8e576573ad7ed9ae41019f5818b4b971c9effc60e1ad9f1289f0",
  "68cd79315e70aecd4afe7c1b23a5ed7b3b8e51a477e1739f111b3156def86bbc56ebf239dcd4591bc7a9fff90023f481",
  "6bc203b3843388cc4918459c3f5c6d1300a796fb594781b7ecfaa3ae7456975f095bfcc1156c9f2d25e8b8bc1b520f66",
  "ec9e8622a100c399d71062a945f95d8e4cdb7294e8b1c6d17a6a8d37b5084444000a78b007ef533f290243421256d25c",
  "1dd6f7b457ad880d840d41c961283bab688e94e4b59359ea45686581e90feccea3c624b1226113f824f315eb60ae0a7c",
  "23ada07f5261f12f34a0bd8e46760962d6b4d576a416f1fea1c64bc656b1d28eacf7047ae6e967c58fd2a98bfa74c298",
];
/** What the quote of that guest says. */
const REAL_RTMR0 = "85e0855a6384fa1c8a6ab36d0dcbfaa11a5753e5a070c08218ae5fe872fcb86967fd2449c29e22e59dc9fec998cb6547";
const REAL_RTMR1 = "154e08f5c1f7b1fce4cbfe1c14f3ba67b70044ede2751487279cd1f2e4239dee99a6d45e24ebde6b6a6f5ae49878e0e6";
const REAL_KERNEL = "b8420535898e24a6abef877153ac1103a695ed07ab9c6c74182d865a560b3b587a34d4bfdc671a505def683cc7bc7596";
const REAL_RTMR2 = "9edcd363660e85b71c318324996dda756c372d9f6960edbfa863b1e684822eb48dd95e218ae2b78e51ef97f3b8f5c9dc";
const REAL_RTMR2_EVENTS = [
  "a68ac6d65dd62f392826c2ae44f6846363ced3418c96574b3e168de9205c8553b8198c3b9d206bc432d70a923c25b098",
  "41ee4a6d142b51085c720bad4170207359538d9785391ce10b17536153ea5ba49edaa5a8c36f9f081fdf1b7aeb0ce3f0",
];

const MIB = 1024 * 1024;

function sections(): readonly TdvfSection[] {
  const image = fakeTdxFirmware();
  return parseTdvfMetadata(image, parseGuidTable(image));
}

function digests(events: readonly MeasuredEvent[]): readonly string[] {
  return events.map(({ digest }) => digest.toHex());
}

function eventOf(register: 0 | 1 | 2, digest: string): MeasuredEvent {
  return { register, type: "", what: "", digestOf: "", digest: Uint8Array.fromHex(digest) };
}

describe("encodeTdHob()", () => {
  // The other two digests are from logs of guests of the same firmware, published by Phala Network too.
  test.each([
    [2048, REAL_RTMR0_EVENTS[0] ?? ""],
    [4096, "02a008e63d55a77823c04a5513a5810d4e592dc41bf2596267c09eae5d4b4e3b329ae614973fb192297d8833d37a08fd"],
    [65536, "519245d8b6b54b48b57143e6647d41e5e6f3b4ef10a73c95be4d9a9c0f54115b707e7af5e38f7be6852229b18573690d"],
  ])("gives the digest of a real guest with %d MiB", (mib, digest) => {
    expect(sha384Of(encodeTdHob(sections(), layOutMemory(mib * MIB))).toHex()).toBe(digest);
  });

  test("moves the last MiB below 2.75 GiB above 4 GiB", () => {
    expect(layOutMemory(2815 * MIB)).toEqual({ lowBytes: 2815 * MIB, highBytes: 0 });
    expect(layOutMemory(2816 * MIB)).toEqual({ lowBytes: 2048 * MIB, highBytes: 768 * MIB });
  });

  test("refuses memory that lacks what the firmware needs", () => {
    expect(codeOf(() => encodeTdHob(sections(), layOutMemory(8 * MIB)))).toBe("measure/tdx-memory");
  });

  test("refuses a section between the two parts of the memory", () => {
    const gap: TdvfSection = {
      kind: "temporary",
      address: 0xc0000000,
      sizeBytes: 0x1000,
      content: new Uint8Array(),
      extendsMrtd: false,
    };
    expect(codeOf(() => encodeTdHob([...sections(), gap], layOutMemory(4096 * MIB)))).toBe("measure/tdx-memory");
  });

  test("refuses a list that is longer than its section", () => {
    const many = Array.from({ length: 90 }, (_, index): TdvfSection => {
      const address = 0x1000000 + index * 0x2000;
      return { kind: "temporary", address, sizeBytes: 0x1000, content: new Uint8Array(), extendsMrtd: false };
    });
    expect(codeOf(() => encodeTdHob([...sections(), ...many], layOutMemory(256 * MIB)))).toBe("measure/tdx-memory");
  });

  test.each([0, 1, MIB + 1, 2 ** 47, 2 ** 53, Number.NaN])("layOutMemory() refuses %d bytes", (bytes) => {
    expect(codeOf(() => layOutMemory(bytes))).toBe("measure/tdx-memory");
  });
});

describe("RTMR0 of a real guest", () => {
  test("comes from events that are computed, and the ACPI tables that are not public", () => {
    const computed = [
      sha384Of(encodeTdHob(sections(), layOutMemory(2048 * MIB))).toHex(),
      sha384Of(emptyConfiguration()).toHex(),
      ...digests(secureBootEvents(false)),
      ...REAL_RTMR0_EVENTS.slice(8, 11),
      ...digests(bootOptionEvents(OVMF_MENU)),
    ];
    expect(computed).toEqual(REAL_RTMR0_EVENTS);
    const replayed = replayRegister(
      computed.map((digest) => eventOf(0, digest)),
      0,
    );
    expect(replayed.toHex()).toBe(REAL_RTMR0);
  });

  test("differs for firmware that was built with Secure Boot", () => {
    // From the log of Debian's OVMF 2022.11 with a TPM; tests/interop/tdx-boot.test.ts takes such a log again.
    const [first, ...others] = digests(secureBootEvents(true));
    expect(others).toEqual(digests(secureBootEvents(false)).slice(1));
    expect(first).toBe(
      "cfa4e2c606f572627bf06d5669cc2ab1128358d27b45bc63ee9ea56ec109cfafb7194006f847a6a74b5eaed6b73332ec",
    );
  });
});

describe("replayRegister()", () => {
  test("gives RTMR1 of a real guest from the digest of its kernel", () => {
    const { before, after } = bootActionEvents();
    const events = [eventOf(1, REAL_KERNEL), ...before, eventOf(2, REAL_KERNEL), ...after];
    expect(replayRegister(events, 1).toHex()).toBe(REAL_RTMR1);
  });

  test("gives RTMR2 of a real guest from the digests of its command line and initrd", () => {
    const events = REAL_RTMR2_EVENTS.map((digest) => eventOf(2, digest));
    expect(replayRegister(events, 2).toHex()).toBe(REAL_RTMR2);
  });

  test("leaves a register without events at zero", () => {
    expect(replayRegister([], 0)).toEqual(new Uint8Array(48));
  });
});

describe("measureMrtd()", () => {
  const SMALL: readonly TdvfSection[] = [
    { kind: "code", address: 0x5000, sizeBytes: 0x2000, content: new Uint8Array(0x1001).fill(7), extendsMrtd: true },
    { kind: "temporary", address: 0x1000, sizeBytes: 0x1000, content: new Uint8Array(), extendsMrtd: false },
    { kind: "permanent", address: 0x9000, sizeBytes: 0x1000, content: new Uint8Array(), extendsMrtd: false },
  ];
  const content = new Uint8Array(0x2000).fill(7, 0, 0x1001);

  function record(name: string, address: number): Uint8Array {
    const bytes = new Uint8Array(128);
    bytes.set(new TextEncoder().encode(name));
    new DataView(bytes.buffer).setUint32(16, address, true);
    return bytes;
  }

  function chunks(page: number): readonly Uint8Array[] {
    return Array.from({ length: 16 }, (_, index) => page + index * 256).flatMap((offset) => [
      record("MR.EXTEND", 0x5000 + offset),
      content.subarray(offset, offset + 256),
    ]);
  }

  function hashOf(parts: readonly Uint8Array[]): string {
    const digest = createHash("sha384");
    for (const part of parts) digest.update(part);
    return digest.digest("hex");
  }

  const add = (address: number): Uint8Array => record("MEM.PAGE.ADD", address);

  test("measures each page after it was added, and nothing that is added later", () => {
    const parts = [add(0x5000), ...chunks(0), add(0x6000), ...chunks(0x1000), add(0x1000)];
    expect(measureMrtd(SMALL).toHex()).toBe(hashOf(parts));
  });

  test("measures the pages of a section after all of them were added", () => {
    const parts = [add(0x5000), add(0x6000), ...chunks(0), ...chunks(0x1000), add(0x1000)];
    expect(measureMrtd(SMALL, "section").toHex()).toBe(hashOf(parts));
  });
});
