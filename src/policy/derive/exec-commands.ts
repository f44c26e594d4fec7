import type { Container } from "../../kubernetes/pod/container.ts";

/**
 * The commands that the kubelet runs inside a container: probes and hooks, in this order. `$(NAME)` is not expanded in
 * them.
 *
 * @see kata-containers `src/tools/genpolicy/src/pod.rs`
 */
export function deriveExecCommands(container: Container): readonly (readonly string[])[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  return [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
    .map((handler) => handler?.exec?.command)
    .filter((command) => command !== undefined);
}
