import { pairKey } from "../usual-parts.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import type { Origin, Row, Section } from "./description.ts";
import { unknownOrigin } from "./pod-source.ts";

/** Namespaces, hidden paths, kernel parameters and devices. */
export function isolationSection({ view, source, inYaml, usual }: ContainerInputs): Section {
  const kind = view.isSandbox ? "pause_container" : "other_container";
  const settings: Origin = { source: "settings", detail: `${kind}.Linux, or the runtime's default` };
  const devices: Origin =
    source !== undefined && inYaml?.container.volumeDevices
      ? source.field([...inYaml.path, "volumeDevices"], "volumeDevices")
      : unknownOrigin("YAML or settings");
  const gpus: Origin =
    source !== undefined && inYaml !== undefined
      ? source.field([...inYaml.path, "resources", "limits"], "resources.limits")
      : { source: "unknown", detail: view.isSandbox ? "the limits of its containers" : "YAML" };
  const row = (subject: string, value: string, origin: Origin, more: Partial<Row> = {}): Row => ({
    subject,
    value: value === "" ? "none" : value,
    room: "fixed",
    origin,
    ...more,
  });
  const list = (subject: string, paths: readonly string[]): Row => {
    const isRoutine = usual.some(({ pathLists }) => pathLists.has(paths.join(" ")));
    return row(subject, paths.join(" "), settings, { note: "at least these", ...(isRoutine ? { routine: true } : {}) });
  };
  const namespaces = view.namespaces.join(" ");
  const rows = [
    row(
      "Own namespaces",
      namespaces,
      { source: "runtime", detail: "in every container" },
      namespaces === "ipc uts mount" ? { routine: true } : {},
    ),
    list("Hidden paths", view.maskedPaths),
    list("Read-only paths", view.readonlyPaths),
    ...[...view.sysctls].map(([name, value]) => {
      const isRoutine = usual.some(({ sysctls }) => sysctls.has(pairKey(name, value)));
      return row("Kernel parameter", `${name}=${value}`, settings, isRoutine ? { routine: true } : {});
    }),
    ...view.deviceFiles.map((path) => row("Device file", path, devices)),
    ...view.devices.map((path) => row("Device", path, devices)),
    ...(view.annotatedGpus === 0
      ? []
      : [row("GPUs", String(view.annotatedGpus), gpus, { room: "pattern", note: "or fewer; the host picks them" })]),
  ];
  return { id: "isolation", title: "Namespaces, paths and devices", rows };
}
