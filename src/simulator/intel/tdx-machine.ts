import type { CollateralItem, CollateralNeed } from "../../attestation/collateral-need.ts";
import { parsePckPlatform } from "../../attestation/tdx/pck-platform.ts";
import { sha256Hex } from "../../lib/digest.ts";
import type { JsonObject } from "../../lib/json.ts";
import { encodePem } from "../../pki/pem-block.ts";
import type { CertifiedKey } from "../certified-key.ts";
import { documentDates } from "../document-dates.ts";
import { publishedItem } from "../published-item.ts";
import { createRevocationList, crlExtensions } from "../revocation-list.ts";
import { ecdsaSigner } from "../signer.ts";
import type { SimulatedMachine } from "../simulated-machine.ts";
import { documentBody, qeIdentityDocument, signDocument, tcbInfoDocument } from "./intel-documents.ts";
import { createTdxIssuer, guestQuote } from "./tdx-issuer.ts";
import { encodeTdxParts, type TdxParts } from "./tdx-parts.ts";

/** What the list of Intel's root has; all else lives 30 days. */
const ROOT_CRL_DAYS = 365;

/**
 * A machine with TDX, and Intel's service for it.
 *
 * @throws ContrastError `tdx/pck-extension-invalid`
 */
export function createTdxMachine(platform: SimulatedMachine["platform"], parts: TdxParts): SimulatedMachine {
  const { root, intermediate, pck, tcbSigning } = parts;
  const { fmspc, pceId } = parsePckPlatform(pck.certificate);
  const pckChainPem = pemOf(pck) + pemOf(intermediate) + pemOf(root);
  const collateral = (now: Date): readonly CollateralItem[] => {
    const { thisUpdate: issueDate, nextUpdate } = documentDates(now);
    const published = (need: CollateralNeed, body: Uint8Array, signer?: CertifiedKey): CollateralItem =>
      publishedItem(need, body, signer && pemOf(signer) + pemOf(root), now);
    const document = (member: string, content: JsonObject): Uint8Array =>
      documentBody(member, signDocument(content, tcbSigning.key));
    const tcbInfo = document("tcbInfo", tcbInfoDocument({ fmspc, pceId, issueDate, nextUpdate }));
    const qeIdentity = document("enclaveIdentity", qeIdentityDocument({ issueDate, nextUpdate }));
    return [
      published({ kind: "intel-tcb-info", fmspc }, tcbInfo, tcbSigning),
      published({ kind: "intel-qe-identity" }, qeIdentity, tcbSigning),
      published({ kind: "intel-pck-crl", ca: "platform" }, emptyCrl(intermediate, now), intermediate),
      published({ kind: "intel-root-crl" }, emptyCrl(root, now, ROOT_CRL_DAYS)),
    ];
  };
  return {
    platform,
    tee: "tdx",
    rootsPem: pemOf(root),
    rootFingerprint: sha256Hex(root.certificate.der),
    collateral,
    issuer: (guest) => createTdxIssuer(parts, pckChainPem, guest),
    referenceValues: (launchDigest) => {
      const quote = guestQuote(parts, pckChainPem, { launchDigest });
      return {
        tdx: [
          {
            MrTd: quote.mrTd.toHex(),
            Rtrms: quote.rtmrs.map((rtmr) => rtmr.toHex()),
            MinimumQeSvn: 0,
            MinimumPceSvn: 0,
            MinimumTeeTcbSvn: quote.teeTcbSvn.toHex(),
            MrSeam: quote.mrSeam.toHex(),
            TdAttributes: quote.tdAttributes.toHex(),
            Xfam: quote.xfam.toHex(),
          },
        ],
      };
    },
    saved: encodeTdxParts(parts),
  };
}

/** A list that revokes nothing. */
function emptyCrl({ key, certificate }: CertifiedKey, now: Date, lifetimeDays?: number): Uint8Array {
  const dates = documentDates(now, lifetimeDays);
  const template = { issuer: certificate.subject.der, ...dates, revoked: [], extensions: crlExtensions(key) };
  return createRevocationList(template, ecdsaSigner(key));
}

function pemOf({ certificate }: CertifiedKey): string {
  return encodePem("CERTIFICATE", certificate.der);
}
