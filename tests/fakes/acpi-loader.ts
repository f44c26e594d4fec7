/** Commands of QEMU's ACPI loader: kind and name of a file. */
export function loaderOf(...commands: readonly (readonly [kind: number, name: string])[]): Uint8Array {
  const bytes = new Uint8Array(128 * commands.length);
  const view = new DataView(bytes.buffer);
  for (const [index, [kind, name]] of commands.entries()) {
    view.setUint32(128 * index, kind, true);
    bytes.set(new TextEncoder().encode(name), 128 * index + 4);
  }
  return bytes;
}
