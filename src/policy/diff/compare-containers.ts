import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { capabilitiesOf } from "../capabilities-of.ts";
import { CAPABILITY_SETS, type ContainerView, type PolicyView } from "../policy-view.ts";
import { compareData, textOf } from "./compare-data.ts";
import type { PolicyChange } from "./policy-change.ts";

/** Compares the containers of two policies, each with the one of its name. */
export function compareContainers(before: PolicyView, after: PolicyView): readonly PolicyChange[] {
  const old = byName(before.containers);
  const now = byName(after.containers);
  const stayed = [...now.keys()].filter((name) => old.has(name));
  const oldOrder = [...old.keys()].filter((name) => now.has(name));
  const moved = stayed.filter((name, index) => oldOrder[index] !== name);
  return [
    ...[...old].flatMap(([name, view]) => (now.has(name) ? [] : [whole(name, view, "removed")])),
    ...[...now].flatMap(([name, view]) => {
      const previous = old.get(name);
      if (previous === undefined) return [whole(name, view, "added")];
      if (textOf(previous.raw) === textOf(view.raw)) return [];
      const changes = compareData("", plain(previous, before, view), plain(view, after, previous));
      return changes.map((change) => ({ ...change, container: name }));
    }),
    ...moved.map((name): PolicyChange => {
      const [was, is] = [old.get(name)?.index, now.get(name)?.index];
      const common = { effect: "other", kind: "moved", container: name, part: "containers", subject: "" } as const;
      return { ...common, before: `position ${was ?? ""}`, after: `position ${is ?? ""}` };
    }),
  ];
}

/** A container that only one of the policies has; one more is one more that the host may start. */
function whole(name: string, { image, args }: ContainerView, kind: "added" | "removed"): PolicyChange {
  const text = [image ?? "no image", ...args].join(" ");
  const isNew = kind === "added";
  return {
    effect: isNew ? "wider" : "narrower",
    kind,
    container: name,
    part: "container",
    subject: "",
    before: isNew ? undefined : text,
    after: isNew ? text : undefined,
  };
}

/** Names are unique in policies that were derived; in others the position tells twins apart. */
function byName(containers: readonly ContainerView[]): ReadonlyMap<string, ContainerView> {
  const found = new Map<string, ContainerView>();
  for (const view of containers) found.set(found.has(view.name) ? `${view.name} (${view.index})` : view.name, view);
  return found;
}

/** The container with the lists that capability placeholders stand for, where the other side does not use the same ones. */
function plain(view: ContainerView, policy: PolicyView, other: ContainerView): Json {
  const sets = CAPABILITY_SETS.filter((set) => view.capabilities[set].join() !== other.capabilities[set].join());
  if (sets.length === 0) return view.raw;
  const container = mapOf(view.raw);
  const oci = mapOf(container["OCI"]);
  const process = mapOf(oci["Process"]);
  const expanded = Object.fromEntries(sets.map((set) => [set, capabilitiesOf(view, policy, set)]));
  const Capabilities = { ...mapOf(process["Capabilities"]), ...expanded };
  return { ...container, OCI: { ...oci, Process: { ...process, Capabilities } } };
}

function mapOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
