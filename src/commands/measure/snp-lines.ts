import type { SignedIdBlock } from "./id-block-maker.ts";
import type { MeasuredSnp } from "./snp-json.ts";

/** The digests, for people and scripts: alone on a line for one number of processors, else behind their number. */
export function measuredDigestLines({ measurements }: MeasuredSnp): readonly string[] {
  const isAlone = measurements.length === 1;
  const width = String(measurements.at(-1)?.vcpus ?? 0).length;
  return measurements.flatMap(({ vcpus, digest, idBlock }) => [
    isAlone ? digest.toHex() : `${String(vcpus).padStart(width)} ${digest.toHex()}`,
    ...(idBlock === undefined ? [] : idBlockLines(idBlock)),
  ]);
}

/** What was measured, step by step, with the digest behind each. */
export function stageLines({ stages }: MeasuredSnp): readonly string[] {
  const rows = stages.map(({ name, address, sizeBytes, digest }) => ({
    name,
    place: `0x${address.toString(16)}+0x${sizeBytes.toString(16)}`,
    digest: digest.toHex(),
  }));
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const placeWidth = Math.max(...rows.map(({ place }) => place.length));
  return [
    ...rows.map(({ name, place, digest }) => `${name.padEnd(nameWidth)}  ${place.padEnd(placeWidth)}  ${digest}`),
    "",
  ];
}

function idBlockLines({ block, auth }: SignedIdBlock): readonly string[] {
  return [
    `  ID block: ${block.toBase64()}`,
    `  ID authentication: ${auth.bytes.toBase64()}`,
    `  ID key digest: ${auth.idKeyDigest.toHex()}`,
    ...(auth.authorKeyDigest === undefined ? [] : [`  author key digest: ${auth.authorKeyDigest.toHex()}`]),
  ];
}
