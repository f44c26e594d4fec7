import type { Container } from "../../kubernetes/pod/container.ts";
import type { Path } from "../../kubernetes/path.ts";
import { ContrastError, messageChainOf } from "../../lib/errors.ts";
import type { Image } from "../../oci/image.ts";
import type { PodContext } from "./pod-context.ts";

/** A container of the pod with its image. */
export interface ContainerSource {
  readonly container: Container;
  readonly image: Image;
  /** Path below the pod spec; empty for the pause container, which the YAML does not have. */
  readonly path: Path;
  readonly isPause: boolean;
}

/**
 * The containers in the order of the policy: pause, init containers, containers. Containers whose image cannot be had are
 * reported and left out.
 */
export async function containerSources(context: PodContext): Promise<readonly ContainerSource[]> {
  const { podSpec } = context.view;
  const listed = [
    ...(podSpec.initContainers ?? []).map((container, index) => ({ container, path: ["initContainers", index] })),
    ...podSpec.containers.map((container, index) => ({ container, path: ["containers", index] })),
  ];
  refuseTwins(context, listed);
  const pause = pauseContainer(context.settings.cluster_config.pause_container_image);
  const sources = await Promise.all([
    sourceOf(context, pause, [], true),
    ...listed.map(({ container, path }) => sourceOf(context, container, path, false)),
  ]);
  return sources.filter((source) => source !== undefined);
}

function pauseContainer(image: string): Container {
  return { name: "", image, securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false } };
}

/** Requests are told apart by the name of the container, so two of one name could stand in for each other. */
function refuseTwins(context: PodContext, listed: readonly { container: Container; path: Path }[]): void {
  const names = new Set<string>();
  for (const { container, path } of listed) {
    if (names.has(container.name)) {
      const message = `container name "${container.name}" is used twice`;
      context.error({ code: "policy/container-duplicate", path: [...path, "name"], message });
    }
    names.add(container.name);
  }
}

async function sourceOf(
  context: PodContext,
  container: Container,
  path: Path,
  isPause: boolean,
): Promise<ContainerSource | undefined> {
  if (container.image === undefined || container.image === "") {
    context.error({ code: "policy/image-missing", path, message: `container "${container.name}" names no image` });
    return undefined;
  }
  const image = await reported(
    context,
    [...path, ...(isPause ? [] : ["image"])],
    context.images.image(container.image),
  );
  return image === undefined ? undefined : { container, image, path, isPause };
}

/** Waits for something that may fail with an error about the user's input, which is then reported at its place. */
export async function reported<T>(context: PodContext, path: Path, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    context.error({ code: error.code, path, message: messageChainOf(error), ...hint });
    return undefined;
  }
}
