import type { ContainerView } from "../policy-view.ts";
import type { ComparedContainer } from "./request-explanation.ts";

/**
 * The container of the policy that a request is most likely meant for: one of its name, or else the one of which the
 * fewest checks fail; of equals the first, which is also the one that the rules choose.
 *
 * @param name what the surroundings of the request say, such as the event that it comes from
 * @param isCut whether equals are not to be told apart, because their difference may have been cut off
 * @returns undefined where the policy has no container, or where nothing tells equals apart
 */
export function nearestContainer(
  containers: readonly ComparedContainer[],
  views: readonly ContainerView[],
  name: string | undefined,
  isCut: boolean,
): ComparedContainer | undefined {
  const isNamed = (container: ComparedContainer): boolean =>
    name === undefined ? !container.failed.includes("container_name") : views[container.index]?.name === name;
  // A command is for the container that was created with its id, whoever else would run it.
  const created = containers.filter(({ failed }) => !failed.includes("state_exec"));
  const named = (created.length > 0 ? created : containers).filter(isNamed);
  const candidates = named.length > 0 ? named : created.length > 0 ? created : containers;
  const fewest = Math.min(...candidates.map(({ failed }) => failed.length));
  const [first, second] = candidates.filter(({ failed }) => failed.length === fewest);
  return isCut && second !== undefined ? undefined : first;
}
