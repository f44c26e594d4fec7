import { sameBytes } from "../../lib/same-bytes.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { NAME_OID, nameAttribute, renderName, sameName } from "../../pki/x509/name.ts";
import { checkPath, type PathFinding, type PathRule } from "../../pki/x509/path.ts";
import { renderSignatureAlgorithm } from "../../pki/x509/signature-algorithm.ts";
import { judgedRow } from "../check-row.ts";
import { SGX_EXTENSION_OID } from "./pck-platform.ts";
import { type Finding, type Step } from "./step.ts";

/** Names of the root, as Intel gives it. */
export const ROOT_CA_NAME = "Intel SGX Root CA";

/** A chain of certificates and what is known about it. */
export interface JudgedChain {
  /** Leaf first, root last. */
  readonly certificates: readonly Certificate[];
  /** Common names that Intel gives them, in the same order. */
  readonly commonNames: readonly string[];
  readonly trustedRoot: Certificate;
  readonly path: readonly PathFinding[];
  /** Whether the chain came with the evidence. One that came with collateral can be fetched again when it has expired. */
  readonly ofEvidence: boolean;
}

/** Applies the rules of paths; the steps say what came of it. */
export function judgedChain(chain: Omit<JudgedChain, "path">, at: Date): JudgedChain {
  return { ...chain, path: checkPath(chain.certificates, at) };
}

const P256_SPKI_HEAD = Uint8Array.fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");

/**
 * Steps that hold for every chain of Intel.
 *
 * @param prefix of the rows' names, such as `chain`
 * @param subject such as `PCK certificate chain`
 */
export function chainSteps(prefix: string, subject: string): readonly Step<JudgedChain>[] {
  const rule = (rule: PathRule, what: string): Step<JudgedChain> => ruleStep(prefix, subject, rule, what);
  return [
    { id: `${prefix}.names`, subject: `${subject}: common names`, judge: judgeNames },
    { id: `${prefix}.algorithms`, subject: `${subject}: version, keys and algorithms`, judge: judgeAlgorithms },
    rule("issuer-name", "each is issued by the next"),
    rule("signature", "each is signed by the next"),
    { id: `${prefix}.validity`, subject: `${subject}: valid at the time that is judged`, judge: judgeChainValidity },
    rule("ca", "CA flags"),
    rule("key-usage", "key usage"),
    rule("critical-extensions", "critical extensions"),
    { id: `${prefix}.root`, subject: `${subject}: root`, judge: judgeRoot },
  ];
}

/** The step of chains with an intermediate; without one, nothing can be too long. */
export function pathLengthStep(prefix: string, subject: string): Step<JudgedChain> {
  return ruleStep(prefix, subject, "path-length", "path lengths");
}

function ruleStep(prefix: string, subject: string, rule: PathRule, what: string): Step<JudgedChain> {
  return {
    id: `${prefix}.${rule}`,
    subject: `${subject}: ${what}`,
    judge: ({ path }) => pathFinding(path, rule),
  };
}

function judgeNames({ certificates, commonNames }: JudgedChain): Finding {
  const actual = certificates.map(({ subject }) => nameAttribute(subject, NAME_OID.commonName) ?? "(none)").join(", ");
  const expected = commonNames.join(", ");
  return judgedRow({ actual, expected }, actual === expected, {
    code: "tdx/chain-profile",
    reason: "Intel issues no such chain for TDX",
  });
}

/** Intel uses nothing but version 3 and ECDSA on P-256 with SHA-256. */
function judgeAlgorithms({ certificates }: JudgedChain): Finding {
  const wrong = certificates.find(
    ({ version, signatureAlgorithm, spkiDer }) =>
      version !== 3 ||
      signatureAlgorithm.kind !== "ecdsa" ||
      signatureAlgorithm.hash !== "sha256" ||
      !sameBytes(spkiDer.subarray(0, P256_SPKI_HEAD.length), P256_SPKI_HEAD),
  );
  const expected = "X.509 version 3, P-256 key, ECDSA with SHA-256";
  if (wrong === undefined) return { outcome: "passed", actual: expected, expected };
  const isP256 = sameBytes(wrong.spkiDer.subarray(0, P256_SPKI_HEAD.length), P256_SPKI_HEAD);
  const algorithm = renderSignatureAlgorithm(wrong.signatureAlgorithm);
  const actual = `X.509 version ${wrong.version}, ${isP256 ? "P-256" : "another"} key, ${algorithm}`;
  return judgedRow({ actual, expected }, false, { code: "tdx/chain-profile", reason: renderName(wrong.subject) });
}

function pathFinding(path: readonly PathFinding[], rule: PathRule): Finding {
  const failed = path.find((finding) => finding.rule === rule && !finding.passed);
  if (failed === undefined) return { outcome: "passed" };
  const { compared, code, reason } = failed;
  return { outcome: "failed", ...compared(), code, reason };
}

function judgeChainValidity({ path, ofEvidence }: JudgedChain): Finding {
  const finding = pathFinding(path, "validity");
  if (ofEvidence || finding.outcome === "passed") return finding;
  return {
    outcome: "unknown",
    code: "tdx/collateral-expired",
    reason: finding.reason,
    remedy: "Fetch the collateral again; it then comes with a current certificate.",
  };
}

/** There are two renditions of Intel's root with the same name and key, so these are compared. */
function judgeRoot({ certificates, trustedRoot }: JudgedChain): Finding {
  const root = certificates.at(-1);
  const isTrusted =
    root !== undefined && sameName(root.subject, trustedRoot.subject) && sameBytes(root.spkiDer, trustedRoot.spkiDer);
  return judgedRow(
    {
      actual: root && `${renderName(root.subject)}, serial ${root.serialHex}`,
      expected: renderName(trustedRoot.subject),
    },
    isTrusted,
    {
      code: "tdx/root-untrusted",
      reason: "the chain ends in a root with another name or key",
      remedy: "Do not trust this evidence: whoever made it has no certificate of Intel.",
    },
  );
}

/** Authority key id, CRL distribution points, subject key id, key usage, basic constraints, Intel's own. */
const PCK_EXTENSION_OIDS = ["2.5.29.35", "2.5.29.31", "2.5.29.14", "2.5.29.15", "2.5.29.19", SGX_EXTENSION_OID];

/** The step about the extensions of the certificate that vouches for the platform: exactly six of them. */
export const PCK_EXTENSIONS_STEP: Step<Certificate> = {
  id: "pck.extensions",
  subject: "PCK certificate: extensions",
  judge: judgePckExtensions,
};

function judgePckExtensions({ extensions }: Certificate): Finding {
  const actual = extensions.map(({ oid }) => oid).toSorted();
  const expected = PCK_EXTENSION_OIDS.toSorted();
  return judgedRow({ actual: actual.join(", "), expected: expected.join(", ") }, actual.join() === expected.join(), {
    code: "tdx/chain-profile",
    reason: "Intel's PCK certificates have exactly these six extensions",
  });
}
