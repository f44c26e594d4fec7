import type { JsonObject } from "../lib/json.ts";
import type { BootstrapOptions } from "./bootstrap/render-bootstrap.ts";
import { renderBootstrap } from "./bootstrap/render-bootstrap.ts";
import { DEFAULT_TLS_DIRECTORY } from "./tls-files.ts";
import type { MeshConfig } from "./mesh-config.ts";
import type { Protection } from "./protection.ts";
import { DEFAULT_PROTECTION } from "./protection.ts";
import type { PacketRule } from "./rules/packet-rules.ts";
import { packetRules } from "./rules/packet-rules.ts";

/** What a sidecar depends on beside the three annotations that version 1.4 knows. */
export interface SidecarOptions extends Protection, BootstrapOptions {}

/** What `generate` leaves a sidecar with where no annotation says more. */
export const DEFAULT_SIDECAR_OPTIONS: SidecarOptions = { ...DEFAULT_PROTECTION, tlsDirectory: DEFAULT_TLS_DIRECTORY };

/** What a sidecar does: how it starts Envoy, and what it tells the packet filter before. */
export interface SidecarPlan {
  readonly bootstrap: JsonObject;
  readonly rules: readonly PacketRule[];
}

/** The plan of one sidecar. The role installs it, and `contrast mesh render` shows it. */
export function sidecarPlan(config: MeshConfig, options: SidecarOptions): SidecarPlan {
  return { bootstrap: renderBootstrap(config, options), rules: packetRules(config, options) };
}
