import type { UnknownFields } from "../lib/go-json/go-json-codec.ts";
import { LATER_MEMBERS } from "./later-members.ts";
import type { Manifest } from "./schema.ts";

/**
 * Members of the reference values that this version does not know and therefore cannot check: a newer manifest may
 * demand more than it gets here.
 *
 * @returns their JSON paths
 */
export function unjudgedReferenceValues({ referenceValues }: Manifest): readonly string[] {
  const paths: string[] = [];
  const add = (path: string, unknown: UnknownFields | undefined, known: readonly string[] = []): void => {
    for (const name of unknown?.keys() ?? []) if (!known.includes(name.toLowerCase())) paths.push(`${path}.${name}`);
  };
  add("ReferenceValues", referenceValues.unknown);
  referenceValues.snp?.forEach((entry, index) => {
    const path = `ReferenceValues.snp[${index}]`;
    add(path, entry.unknown, LATER_MEMBERS.snp);
    add(`${path}.MinimumTCB`, entry.minimumTcb.unknown);
    add(`${path}.GuestPolicy`, entry.guestPolicy?.unknown, LATER_MEMBERS.guestPolicy);
    add(`${path}.PlatformInfo`, entry.platformInfo?.unknown, LATER_MEMBERS.platformInfo);
  });
  referenceValues.tdx?.forEach((entry, index) => {
    add(`ReferenceValues.tdx[${index}]`, entry.unknown, LATER_MEMBERS.tdx);
  });
  return paths;
}
