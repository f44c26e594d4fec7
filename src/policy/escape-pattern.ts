/** Makes a text match itself inside a pattern of RE2 or of Rust's `regex`. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$#&~-]/g, "\\$&");
}
