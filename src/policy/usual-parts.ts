import { deriveBaseMounts } from "./derive/base-mounts.ts";
import { MASKED_PATHS, READONLY_PATHS } from "./derive/derive-container.ts";
import type { MountView } from "./policy-view.ts";
import type { ContainerTemplate, Settings } from "./settings.ts";
import type { ProfileName } from "./settings/profiles.ts";

/** What policies of a profile have whatever the pod asks for; texts are keys for looking up, not for reading. */
export interface UsualParts {
  readonly profile: ProfileName;
  readonly settings: Settings;
  /** Keys of `mountKey`. */
  readonly mounts: ReadonlySet<string>;
  /** Keys of `pairKey`. */
  readonly annotations: ReadonlySet<string>;
  /** Keys of `pairKey`. */
  readonly sysctls: ReadonlySet<string>;
  /** Lists of hidden or read-only paths, each joined by spaces. */
  readonly pathLists: ReadonlySet<string>;
}

const SWITCHES = [true, false];

/** Collects what a profile gives to every container. */
export function usualPartsOf(profile: ProfileName, settings: Settings): UsualParts {
  const templates: readonly (readonly [ContainerTemplate, boolean])[] = [
    [settings.pause_container, true],
    [settings.other_container, false],
  ];
  const mounts = templates.flatMap(([template, isPause]) =>
    SWITCHES.flatMap((readOnlyRoot) =>
      SWITCHES.flatMap((privileged) =>
        deriveBaseMounts({
          isPause,
          privileged,
          readOnlyRoot,
          template,
          keptDestinations: settings.mount_destinations,
          volumeMountPaths: [],
          terminationMessagePath: undefined,
        }),
      ),
    ),
  );
  const pairs = (maps: readonly Readonly<Record<string, string>>[]): ReadonlySet<string> =>
    new Set(maps.flatMap((map) => Object.entries(map).map(([key, value]) => pairKey(key, value))));
  const lists = [
    MASKED_PATHS,
    READONLY_PATHS,
    ...templates.flatMap(([{ Linux }]) => [Linux.MaskedPaths, Linux.ReadonlyPaths]),
  ];
  return {
    profile,
    settings,
    mounts: new Set(mounts.map((mount) => mountKey({ ...mount, type: mount.type_ }))),
    annotations: pairs(templates.map(([template]) => template.Annotations)),
    sysctls: pairs(templates.map(([template]) => template.Linux.Sysctl)),
    pathLists: new Set(lists.map((list) => list.join(" "))),
  };
}

/** Two mounts have the same key if they are the same. */
export function mountKey({ destination, source, type, options }: MountView): string {
  return JSON.stringify([destination, source, type, options]);
}

/** Two pairs have the same key if they are the same. */
export function pairKey(name: string, value: string): string {
  return JSON.stringify([name, value]);
}
