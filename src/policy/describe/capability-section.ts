import { capabilitiesOf } from "../capabilities-of.ts";
import { CAPABILITY_SETS } from "../policy-view.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import type { Origin, Row, Section } from "./description.ts";
import { unknownOrigin } from "./pod-source.ts";

/** The capabilities that a container has, sets of the same content in one row. */
export function capabilitySection({ view, policy, source, inYaml }: ContainerInputs): Section {
  const security = inYaml?.container.securityContext;
  const isGiven = Boolean(security?.capabilities) || security?.privileged === true;
  const origin: Origin =
    source !== undefined && inYaml !== undefined && isGiven
      ? source.field([...inYaml.path, "securityContext"], "securityContext")
      : source === undefined
        ? unknownOrigin("YAML, or the runtime's default")
        : { source: "runtime", detail: "default of containerd" };
  const groups = Map.groupBy(CAPABILITY_SETS, (set) => view.capabilities[set].join(" "));
  const rows = [...groups].map(([, sets]): Row => {
    const [first = "Bounding"] = sets;
    const tokens = view.capabilities[first];
    const list = capabilitiesOf(view, policy, first);
    const note = tokens.includes("$(privileged_caps)")
      ? "every capability: privileged"
      : tokens.includes("$(default_caps)")
        ? "the runtime's usual ones"
        : undefined;
    const value = list.length === 0 ? "none" : list.map((name) => name.replace(/^CAP_/, "")).join(" ");
    return { subject: sets.join(", "), value, room: "fixed", ...(note === undefined ? {} : { note }), origin };
  });
  return { id: "capabilities", title: "Capabilities", rows };
}
