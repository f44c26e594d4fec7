import { ContrastError } from "../lib/errors.ts";
import type { Platform } from "./platforms.ts";
import { parsePlatform } from "./platforms.ts";

/** What the name of a runtime handler says. */
export interface RuntimeHandler {
  readonly platform: Platform;
  /** First 8 hexadecimal digits of the digest that identifies the runtime's files. */
  readonly hash: string;
}

// Platform names have three or four parts.
const HANDLER = /^contrast-cc-([^-]+(?:-[^-]+){2,3})-([0-9a-f]{8})$/;

/**
 * Takes apart a handler name: `contrast-cc-<platform in lower case>-<8 hexadecimal digits>`.
 *
 * @throws ContrastError `manifest/handler-invalid`, `manifest/platform-unknown`
 */
export function parseRuntimeHandler(handler: string): RuntimeHandler {
  const [, platform, hash] = HANDLER.exec(handler) ?? [];
  if (platform === undefined || hash === undefined) {
    throw new ContrastError(
      "manifest/handler-invalid",
      `Cannot read runtime handler name: got "${handler}", need "contrast-cc-<platform>-<8 hexadecimal digits>"`,
      { details: { actual: handler } },
    );
  }
  return { platform: parsePlatform(platform), hash };
}

/** The name of a runtime handler, which is the name of its RuntimeClass too. */
export function runtimeHandlerName(platform: Platform, hash: string): string {
  return `contrast-cc-${platform.name}-${hash}`;
}
