/** GUIDs of a host's certificate table. */
export const TABLE_GUIDS = {
  vcek: "63da758de6644564adc5f4b93be8accd",
  vlek: "a8074bc2a25a483eaae639c045a0b8a1",
  ask: "4ab7b379bbac4fe4a02f05aef327c782",
  ark: "c0b406a4a803495297433fb6014cd0ae",
  /** What google/go-sev-guest puts there itself. */
  platformInfo: "ecae0c0f950243b1afa20ae2e0d565b6",
} as const;

/** One entry, by default where its content stands. */
export interface TableEntry {
  readonly guid: keyof typeof TABLE_GUIDS | (string & {});
  readonly content: Uint8Array;
  readonly offset?: number;
  readonly length?: number;
}

/** A certificate table as a host writes it. */
export function certificateTable(entries: readonly TableEntry[], hasEnd = true): Uint8Array {
  const listSize = (entries.length + (hasEnd ? 1 : 0)) * 24;
  const bytes = new Uint8Array(listSize + entries.reduce((sum, { content }) => sum + content.length, 0));
  const view = new DataView(bytes.buffer);
  let at = listSize;
  for (const [index, { guid, content, offset = at, length = content.length }] of entries.entries()) {
    const digits = (TABLE_GUIDS as Readonly<Record<string, string>>)[guid] ?? guid;
    bytes.set(Uint8Array.fromHex(digits), index * 24);
    view.setUint32(index * 24 + 16, offset, true);
    view.setUint32(index * 24 + 20, length, true);
    bytes.set(content, at);
    at += content.length;
  }
  return bytes;
}
