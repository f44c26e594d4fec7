import type { CollateralItem, CollateralNeed } from "../../src/attestation/collateral-need.ts";
import type { InspectCollateral } from "../../src/attestation/gather-collateral.ts";
import { collateralUrl } from "../../src/attestation/collateral/collateral-url.ts";
import { issuerChainHeader } from "../../src/attestation/collateral/describe-need.ts";
import { ContrastError } from "../../src/lib/errors.ts";

/** Chip, chain and CRL of an AMD machine, and all that a TDX machine needs. */
export const NEEDS = {
  vcek: {
    kind: "amd-vcek",
    product: "Milan",
    chipIdHex: "5c".repeat(64),
    tcb: { fmc: undefined, bootloader: 3, tee: 0, snp: 8, microcode: 209 },
  },
  chain: { kind: "amd-chain", product: "Milan", signingKey: "VCEK" },
  crl: { kind: "amd-crl", product: "Milan", signingKey: "VCEK" },
  tcbInfo: { kind: "intel-tcb-info", fmspc: "50806f000000" },
  qeIdentity: { kind: "intel-qe-identity" },
  pckCrl: { kind: "intel-pck-crl", ca: "platform" },
  rootCrl: { kind: "intel-root-crl" },
} as const satisfies Record<string, CollateralNeed>;

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB+/==\n-----END CERTIFICATE-----\n";
/** Two certificates by their form; nothing is inside. */
export const CHAIN_PEM = PEM + PEM;

/** An item with a body that `inspectFake` reads: `good from=… to=…`. */
export function fakeItem(
  need: CollateralNeed,
  dates: FakeDates = {},
  change: Partial<CollateralItem> = {},
): CollateralItem {
  return {
    need,
    url: collateralUrl(need),
    body: new TextEncoder().encode(`good ${JSON.stringify(dates)}`),
    issuerChainPem: issuerChainHeader(need) === undefined ? undefined : CHAIN_PEM,
    origin: "network",
    fetchedAt: undefined,
    note: undefined,
    ...change,
  };
}

interface FakeDates {
  readonly from?: string;
  readonly to?: string;
}

/** Stands in for the vendors' formats: believes the dates in the body, refuses bodies of another form. */
export const inspectFake: InspectCollateral = ({ body }) => {
  const text = new TextDecoder().decode(body);
  if (!text.startsWith("good ")) {
    throw new ContrastError(
      "attestation/collateral-answer-invalid",
      `Cannot use collateral: it says "${text.slice(0, 20)}"`,
    );
  }
  const { from, to } = JSON.parse(text.slice(5)) as FakeDates;
  return {
    notBefore: from === undefined ? undefined : new Date(from),
    notAfter: to === undefined ? undefined : new Date(to),
  };
};
