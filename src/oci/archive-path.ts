/** An empty, `.` or `..` part; most names of an archive have none. */
const NEEDS_WORK = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** `a`, `a/b`, `a/b/c` for `a/b/c`; nothing for the root. */
export function prefixesOf(path: string): readonly string[] {
  if (path === "") return [];
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** The directory that holds the path; the root holds itself. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/**
 * Brings a name from an archive or link into the form of this file. `..` never leads above the root.
 *
 * @param base directory to which a relative name belongs
 */
export function normalisePath(name: string, base = ""): string {
  if (base === "" && !NEEDS_WORK.test(name)) return name;
  const parts = name.startsWith("/") || base === "" ? [] : base.split("/");
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
