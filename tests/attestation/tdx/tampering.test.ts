import { describe, expect, test } from "bun:test";
import type { CollateralItem } from "../../../src/attestation/collateral-need.ts";
import { encodeTdxAttestation, parseTdxAttestation } from "../../../src/attestation/tdx/tdx-attestation.ts";
import { type TdxEvidence, tdxEvidenceFromQuote } from "../../../src/attestation/tdx/tdx-evidence.ts";
import { createTdxMemo, type TdxMemo } from "../../../src/attestation/tdx/tdx-memo.ts";
import { verifyTdx } from "../../../src/attestation/tdx/verify-tdx.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import type { Certificate } from "../../../src/pki/x509/certificate.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import { createIntelPlatform, intelCollateralSet } from "../../fakes/intel-platform.ts";
import { flipBit, seededRandom } from "../../fakes/mutations.ts";
import { tdxVectors } from "../../fakes/tdx-vectors.ts";

const SAMPLE = 400;
const SEED = 20_260_115;

interface Subject {
  readonly quote: Uint8Array;
  readonly items: readonly CollateralItem[];
  readonly root: Certificate;
  readonly at: Date;
}

const platform = createIntelPlatform();
const vectors = tdxVectors();
const subjects: readonly [string, Subject][] = [
  ["a synthetic quote of version 4", syntheticSubject(4)],
  ["a synthetic quote of version 5", syntheticSubject(5)],
  ...(vectors === undefined
    ? []
    : [
        [
          "the real quote v4-b",
          {
            quote: vectors.quote("v4-b"),
            items: vectors.collateral("v4-b"),
            root: vectors.root,
            at: new Date("2025-06-25T00:00:00Z"),
          },
        ] as const,
      ].map(([name, subject]): [string, Subject] => [name, subject])),
];

function syntheticSubject(version: number): Subject {
  return {
    quote: platform.quote({ version }),
    items: platform.collateralItems(),
    root: platform.root,
    at: platform.now,
  };
}

describe("verifyTdx() on evidence with one changed bit", () => {
  test.each(subjects)(
    "never accepts %s",
    (_, subject) => {
      const memo = createTdxMemo();
      expect(outcomeOf(subject.quote, subject, memo)).toBe("accepted");
      // What ends the PEM text is not signed and says nothing.
      const quote = tdxEvidenceFromQuote(subject.quote).quote;
      const end = quote.bytes.length - (quote.pckChainPem.at(-1) === 0 ? 1 : 0);
      for (const bit of bitsOf(end)) {
        const outcome = outcomeOf(flipBit(subject.quote, bit), subject, memo);
        expect([bit, outcome]).not.toEqual([bit, "accepted"]);
      }
    },
    CAMPAIGN_TIMEOUT_MS,
  );

  test.each(subjects)(
    "never accepts collateral of %s",
    (_, subject) => {
      const memo = createTdxMemo();
      const evidence = tdxEvidenceFromQuote(subject.quote);
      for (const item of subject.items) {
        for (const bit of bitsOf(item.body.length, SAMPLE / 4)) {
          const changed = { ...item, body: flipBit(item.body, bit) };
          if (saysTheSame(item.body, changed.body)) continue;
          const items = subject.items.map((other) => (other === item ? changed : other));
          const outcome = judge(evidence, { ...subject, items }, memo);
          expect([item.need.kind, bit, outcome]).not.toEqual([item.need.kind, bit, "accepted"]);
        }
      }
    },
    CAMPAIGN_TIMEOUT_MS,
  );
});

describe("parseTdxAttestation() and tdxEvidenceFromQuote()", () => {
  test.each(subjects)("refuse with an error of ours what is cut off %s", (name, { quote }) => {
    const whole = tdxEvidenceFromQuote(quote).quote.bytes;
    for (let length = 0; length < whole.length; length++)
      expectOurs(() => tdxEvidenceFromQuote(whole.subarray(0, length)));
    if (name.includes("version 5")) return;
    const message = encodeTdxAttestation(tdxEvidenceFromQuote(whole));
    for (let length = 0; length < message.length; length++) {
      expectOurs(() => parseTdxAttestation(message.subarray(0, length)));
    }
  });

  test.each(subjects.filter(([name]) => !name.includes("version 5")))(
    "read a message with changed bits or refuse it, of %s",
    (_, { quote }) => {
      const message = encodeTdxAttestation(tdxEvidenceFromQuote(quote));
      for (const bit of bitsOf(message.length)) {
        try {
          parseTdxAttestation(flipBit(message, bit));
        } catch (error) {
          expect(error).toBeInstanceOf(ContrastError);
        }
      }
    },
    CAMPAIGN_TIMEOUT_MS,
  );
});

function outcomeOf(quote: Uint8Array, subject: Subject, memo: TdxMemo): string {
  try {
    return judge(tdxEvidenceFromQuote(quote), subject, memo);
  } catch (error) {
    if (error instanceof ContrastError) return error.code;
    throw error;
  }
}

function judge(evidence: TdxEvidence, { items, root, at }: Subject, memo: TdxMemo): string {
  const options = { revocation: "required", collateral: "required", expectations: undefined, expected: {} } as const;
  return verifyTdx(evidence, intelCollateralSet(items), { ...options, at, root, memo }).outcome;
}

/** Changes of letter case in the signature's digits, and of white space, do not change what a document says. */
function saysTheSame(before: Uint8Array, after: Uint8Array): boolean {
  const text = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);
  const [, head, digits] = /^(.*"signature":")([0-9a-fA-F]+)"\}\s*$/s.exec(text(before)) ?? [];
  const [, otherHead, otherDigits] = /^(.*"signature":")([0-9a-fA-F]+)"\}\s*$/s.exec(text(after)) ?? [];
  return head !== undefined && head === otherHead && digits?.toLowerCase() === otherDigits?.toLowerCase();
}

function expectOurs(call: () => unknown): void {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ContrastError);
}

/** Numbers of all bits, or of a sample that is the same in every run. */
function bitsOf(size: number, sample = SAMPLE): readonly number[] {
  if (IS_CAMPAIGN) return Array.from({ length: size * 8 }, (_, bit) => bit);
  const random = seededRandom(SEED);
  return Array.from({ length: sample }, () => random(size * 8));
}
