import type { ContainerView } from "../policy-view.ts";
import type { ComparedContainer } from "./request-explanation.ts";

/**
 * The container of the policy that a request is most likely meant for: one of its name, or else the one of which the
 * fewest checks fail; of equals the first, which is also the one that the rules choose.
 *
 * @param name what the surroundings of the request say, such as the event that it comes from
 */
export function nearestContainer(
  containers: readonly ComparedContainer[],
  views: readonly ContainerView[],
  name: string | undefined,
): ComparedContainer | undefined {
  const isNamed = (container: ComparedContainer): boolean =>
    name === undefined ? !container.failed.includes("container_name") : views[container.index]?.name === name;
  const named = containers.filter(isNamed);
  const candidates = named.length > 0 ? named : containers;
  return candidates.reduce<ComparedContainer | undefined>(
    (best, container) => (best === undefined || container.failed.length < best.failed.length ? container : best),
    undefined,
  );
}
