import type { Path } from "../../kubernetes/path.ts";
import type { Origin, Row, Section } from "./description.ts";
import { pairKey } from "../usual-parts.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import { roomOf } from "./room-of.ts";

/** Prefixes of annotations that the runtime makes up. */
const RUNTIME_KEYS = /^(?:io\.kubernetes\.cri\.|io\.katacontainers\.pkg\.oci\.|nerdctl\/)/;

/** Names and ids, which stand at the top of a description. */
const SHOWN_ELSEWHERE = new Set([
  "io.kubernetes.cri.container-name",
  "io.kubernetes.cri.image-name",
  "io.kubernetes.cri.sandbox-name",
  "io.kubernetes.cri.sandbox-namespace",
  "nerdctl/network-namespace",
]);

/** Annotations of newer runtimes about termination messages. */
const TERMINATION = /^\^io\\\.kubernetes\\\.container\\\.terminationMessage(?:Path|Policy)\$$/;

/** The annotations that a container may have, those of the pod first. */
export function annotationSection({ view, isEmbeddedRules, source, usual }: ContainerInputs): Section {
  const settings: Origin = { source: "settings", detail: "annotations of the runtime" };
  const rows = [...view.annotations].map(([subject, value]): Row => {
    const { room } = roomOf(value, isEmbeddedRules);
    const isPattern = room !== "fixed" || /^\^.*\$$/s.test(value);
    const isRuntime = RUNTIME_KEYS.test(subject);
    const path: Path = [...(source?.view.workload.templateMetadataPath ?? []), "annotations", subject];
    const origin: Origin =
      source !== undefined && !isRuntime
        ? source.objectField(path)
        : isRuntime
          ? settings
          : { source: "unknown", detail: "YAML" };
    const isRoutine =
      SHOWN_ELSEWHERE.has(subject) || usual.some((parts) => parts.annotations.has(pairKey(subject, value)));
    return { subject, value, room: isPattern ? "pattern" : "fixed", origin, ...(isRoutine ? { routine: true } : {}) };
  });
  const patterns = [...view.annotationPatterns].map(([subject, value]): Row => ({
    subject,
    value,
    room: "pattern",
    origin: settings,
    ...(TERMINATION.test(subject) ? { routine: true } : {}),
  }));
  // The pod's own annotations stand first.
  const own = rows.filter(({ subject }) => !RUNTIME_KEYS.test(subject));
  const others = rows.filter(({ subject }) => RUNTIME_KEYS.test(subject));
  return { id: "annotations", title: "Annotations", rows: [...own, ...others, ...patterns] };
}
