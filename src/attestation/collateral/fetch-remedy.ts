/**
 * What to do about a piece of collateral that is missing or too old.
 *
 * @param url the vendor's address, which `contrast collateral fetch` takes
 * @param offline whether this run was told to ask no service
 */
export function fetchRemedy(url: string, offline: boolean): string {
  const fetch = `contrast collateral fetch '${url}'`;
  return offline
    ? `Run "${fetch}" and "contrast collateral export FILE" on a connected machine, then pass FILE with --collateral.`
    : `Run "${fetch}", or pass a bundle with --collateral.`;
}
