/** Whether a reference names its image by a digest that the rules can compare. */
export function isPinned(reference: string): boolean {
  return /^[^@]+@sha256:[0-9a-f]{64}$/.test(reference);
}
