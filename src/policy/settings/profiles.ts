import type { Json } from "../../lib/json.ts";
import { checkSettings } from "./parse-settings.ts";
import type { Settings } from "../settings.ts";

/**
 * Names of the shipped settings: Contrast 1.4 on bare metal, on AKS, and Kata's main branch as it stands.
 *
 * @see kata-containers `src/tools/genpolicy/genpolicy-settings.json`
 */
export const PROFILES = ["metal", "aks", "upstream"] as const;

/** One of them. */
export type ProfileName = (typeof PROFILES)[number];

const DOCUMENTS: Record<ProfileName, () => Promise<{ readonly default: Json }>> = {
  metal: () => import("../../../policy/settings-metal.json"),
  aks: () => import("../../../policy/settings-aks.json"),
  upstream: () => import("../../../policy/settings-upstream.json"),
};

const loaded = new Map<ProfileName, Promise<Settings>>();

/** The shipped settings of a profile; every call returns the same object. */
export function loadProfile(name: ProfileName): Promise<Settings> {
  let settings = loaded.get(name);
  if (settings === undefined) {
    settings = profileDocument(name).then((document) => checkSettings(document, `settings-${name}.json`));
    loaded.set(name, settings);
  }
  return settings;
}

/** Exact text of `policy/settings-<name>.json`, which `generate` writes as `settings.json` for the user to edit. */
export async function profileText(name: ProfileName): Promise<string> {
  return `${JSON.stringify(await profileDocument(name), null, 2)}\n`;
}

async function profileDocument(name: ProfileName): Promise<Json> {
  return (await DOCUMENTS[name]()).default;
}
