/** How much of a resource a container asks for. */
export interface ContainerShare {
  readonly amount: number;
  /** An init container that goes on beside the others (`restartPolicy: Always`). */
  readonly isSidecar: boolean;
}

/**
 * How much of a resource a pod holds at most at one time: init containers run one after the other and before the
 * containers, sidecars among them from their turn on.
 *
 * @see kubernetes `pkg/api/v1/resource`, `PodRequests`
 */
export function podTotal(initContainers: readonly ContainerShare[], containers: readonly number[]): number {
  let sidecars = 0;
  let most = 0;
  for (const { amount, isSidecar } of initContainers) {
    if (isSidecar) sidecars += amount;
    most = Math.max(most, isSidecar ? sidecars : sidecars + amount);
  }
  return Math.max(
    most,
    containers.reduce((sum, amount) => sum + amount, sidecars),
  );
}
