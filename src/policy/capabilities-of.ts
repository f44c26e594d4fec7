import type { Json, JsonObject } from "../lib/json.ts";
import type { CapabilitySet, ContainerView, PolicyView } from "./policy-view.ts";

/** The names in one set, placeholders replaced by the lists they stand for. */
export function capabilitiesOf(view: ContainerView, { common }: PolicyView, set: CapabilitySet): readonly string[] {
  return view.capabilities[set].flatMap((token) => {
    if (token === "$(default_caps)") return textsOf(common, "default_caps") ?? [token];
    if (token === "$(privileged_caps)") return textsOf(common, "privileged_caps") ?? [token];
    return [token];
  });
}

function textsOf(object: JsonObject, key: string): readonly string[] | undefined {
  const value: Json | undefined = object[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
}
