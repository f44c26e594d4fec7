/** Deleted steps that no test can notice, each with the reason. */
export const KNOWN_MUTANTS: Readonly<Record<string, string>> = {
  "snp: row platform-info": "shown without being judged: nothing is expected of it",
  "src/attestation/snp/inspect-amd.ts: throw 1 it cannot be read":
    "its rows were refused before; this tells the types so",
  "src/attestation/tdx/signed-json.ts: throw 6 not an object":
    "what is no object has no members, which the next step refuses",
};
