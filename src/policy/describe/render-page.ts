import type { PolicyDescription } from "./description.ts";
export function renderPage(policies: readonly PolicyDescription[]): string {
  return String(policies.length);
}
