/** Files of an initrd by path; all of them may be executed. */
export type InitrdFiles = Readonly<Record<string, Uint8Array | string>>;

/** An initrd in the form that Linux unpacks (cpio, "newc"), not packed; directories are made of the paths. */
export function encodeInitrd(files: InitrdFiles): Uint8Array {
  const directories = new Set(Object.keys(files).flatMap((path) => path.split("/").slice(0, -1)));
  const parts = [...directories].map((path) => entry(path, 0o040755, new Uint8Array()));
  for (const [path, content] of Object.entries(files)) {
    parts.push(entry(path, 0o100755, typeof content === "string" ? new TextEncoder().encode(content) : content));
  }
  return Buffer.concat([...parts, entry("TRAILER!!!", 0, new Uint8Array())]);
}

/** Thirteen fields of eight hexadecimal digits behind the magic number; name and content begin at multiples of 4. */
function entry(path: string, mode: number, content: Uint8Array): Uint8Array {
  const fields = [1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, path.length + 1, 0];
  const head = Buffer.from(`070701${fields.map((value) => value.toString(16).padStart(8, "0")).join("")}${path}\0`);
  return Buffer.concat([padded(head), padded(content)]);
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);
}
