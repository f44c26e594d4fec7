/** An empty, `.` or `..` part; most names of an archive have none. */
const NEEDS_WORK = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** `a`, `a/b`, `a/b/c` for `a/b/c`; nothing for the root. Made one by one, because hostile paths have thousands. */
export function* prefixesOf(path: string): Generator<string> {
  if (path === "") return;
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) yield path.slice(0, slash);
  yield path;
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
