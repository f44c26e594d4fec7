/** Letters and digits that Kubernetes draws generated suffixes from. */
const SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]+";

/** Longest prefix that the API server keeps in front of a generated suffix; the rest is cut off. */
const MAX_PREFIX = 58;

/** Longest suffix that a Deployment gives its ReplicaSets (a 32-bit hash in decimal digits). */
const MAX_HASH = 10;

/** Digits of the number that a CronJob gives its Jobs: minutes since 1970, until the year 2160. */
const MINUTES_DIGITS = 8;

/** Digits of the largest completion index of a Job. */
const MAX_INDEX_DIGITS = 6;

/**
 * Pattern of the names that the pods of an object get, anchored on both sides.
 *
 * @param name of the object; for a Pod its own
 * @param generateName used when there is no name
 * @returns undefined when the object has neither
 * @see kubernetes `staging/src/k8s.io/apiserver/pkg/storage/names`
 */
export function sandboxNamePattern(
  kind: string,
  name: string | undefined,
  generateName: string | undefined,
): string | undefined {
  if (name !== undefined && name !== "") {
    const [first = "", ...others] = alternativesOf(kind, name);
    return others.length === 0 ? `^${first}$` : `^(?:${[first, ...others].join("|")})$`;
  }
  if (generateName === undefined || generateName === "") return undefined;
  const base = `${escapeName(generateName.slice(0, MAX_PREFIX))}${SUFFIX}`;
  return `^${base}${generatedTail(kind)}$`;
}

/** What follows the name of an object whose own length is not known. */
function generatedTail(kind: string): string {
  switch (kind) {
    case "Pod":
      return "";
    case "Deployment":
      return `-${SUFFIX}-${SUFFIX}`;
    case "StatefulSet":
      return "-[0-9]+";
    case "Job":
      return `(-[0-9]+)?-${SUFFIX}`;
    case "CronJob":
      return `-[0-9]+(-[0-9]+)?-${SUFFIX}`;
    default:
      return `-${SUFFIX}`;
  }
}

function alternativesOf(kind: string, name: string): readonly string[] {
  switch (kind) {
    case "Pod":
      return [escapeName(name)];
    case "StatefulSet":
      return [`${escapeName(name)}-[0-9]+`];
    case "Deployment":
      return deploymentNames(name);
    case "Job":
      return jobNames(name);
    case "CronJob":
      return cronJobNames(name);
    default:
      return [`${escapeName(`${name}-`.slice(0, MAX_PREFIX))}${SUFFIX}`];
  }
}

/** `<name>-<hash>-` is cut off at the limit, inside the name or inside the hash. */
function deploymentNames(name: string): readonly string[] {
  const whole = `${escapeName(name)}-${SUFFIX}-${SUFFIX}`;
  if (name.length + 1 + MAX_HASH + 1 <= MAX_PREFIX) return [whole];
  const cut = `${escapeName(`${name}-`.slice(0, MAX_PREFIX))}${SUFFIX}`;
  return name.length + 2 < MAX_PREFIX ? [whole, cut] : [cut];
}

/** `<name>-`, or `<name>-<index>-` in which the name is cut off to keep the index. */
function jobNames(name: string): readonly string[] {
  if (name.length + 2 + MAX_INDEX_DIGITS <= MAX_PREFIX) return [`${escapeName(name)}(-[0-9]+)?-${SUFFIX}`];
  const indexed = Array.from({ length: MAX_INDEX_DIGITS }, (_, index) => {
    const digits = index + 1;
    return `${escapeName(name.slice(0, MAX_PREFIX - 2 - digits))}-[0-9]{${digits}}-${SUFFIX}`;
  });
  return [`${escapeName(`${name}-`.slice(0, MAX_PREFIX))}${SUFFIX}`, ...indexed];
}

/** `<name>-<minutes>` is the Job; its pods follow the Job's rule, where the cut falls into the minutes. */
function cronJobNames(name: string): readonly string[] {
  const escaped = escapeName(name);
  if (name.length + 1 + MINUTES_DIGITS + 1 <= MAX_PREFIX) return [`${escaped}-[0-9]+(-[0-9]+)?-${SUFFIX}`];
  return [`${escaped}-[0-9]*(-[0-9]+)?-${SUFFIX}`, `${escaped}-[0-9]+${SUFFIX}`];
}

/** In a DNS name only the dot means something to a pattern, but a file may hold any text. */
function escapeName(name: string): string {
  return name.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}
