import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Path } from "../../kubernetes/path.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";
import type { ContainerView } from "../policy-view.ts";
import { type CheckGuide, REMEDIES } from "./check-guide.ts";
import type { RuleFinding } from "./explanation-value.ts";
import { jsonAt } from "./known-part.ts";
import type { Subject } from "./refine-field.ts";
import type { Finding } from "./request-explanation.ts";
import { yamlPlaceOf } from "./yaml-place.ts";

/** Where a finding is looked for besides the request. */
export interface FindingContext {
  readonly object: KubernetesObject | undefined;
  readonly container: ContainerView | undefined;
  readonly guide: CheckGuide;
}

/** Puts what a request has beside what the rules found, with the place in the YAML and what to do. */
export function receivedFinding(
  finding: Pick<RuleFinding, "check" | "is" | "path" | "expected">,
  request: Json | undefined,
  context: FindingContext,
): Finding {
  const { is, path, expected } = finding;
  const { guide, container, object } = context;
  const received = is === "missing" || is === "counted" ? undefined : jsonAt(request, path);
  const subject = subjectOf(finding, request);
  const isLayer = isAboutLayer(finding, request);
  const isRuntime = !isLayer && comesFromRuntime(finding, subject);
  const name = container?.isSandbox === true ? undefined : container?.name;
  const yaml = isRuntime || guide.field === undefined ? undefined : yamlPlaceOf(object, name, guide.field, subject);
  const isOfNode = isRuntime || (yaml === undefined && guide.origin === "workload");
  const remedy = isLayer ? REMEDIES.image : isOfNode ? REMEDIES.platform : guide.remedy;
  return { is, path, received, expected, yaml, remedy };
}

/** Layers that the host brings, and their overlay: they are other ones where the node has another image. */
function isAboutLayer(
  { check, is, path }: Pick<RuleFinding, "check" | "is" | "path">,
  request: Json | undefined,
): boolean {
  if (check !== "image" || path[0] !== "storages") return false;
  if (is === "missing") return true;
  const driver = memberOf(jsonAt(request, path.slice(0, 2)), "driver");
  return driver === "blk" || driver === "overlayfs";
}

/** What the runtime adds to every container by itself. */
const RUNTIME_MOUNTS =
  /^\/(?:proc|sys|dev|dev\/(?:pts|shm|mqueue|termination-log)|sys\/fs\/cgroup|etc\/(?:hosts|hostname|resolv\.conf)|run\/secrets\/.*|var\/run\/secrets\/.*)$/;

function comesFromRuntime({ check, is, path }: Pick<RuleFinding, "check" | "is" | "path">, { key }: Subject): boolean {
  if (check === "mounts") return is !== "added" && RUNTIME_MOUNTS.test(key ?? "");
  if (check === "annotations") return /^(?:io\.kubernetes\.|nerdctl\/|io\.katacontainers\.pkg\.)/.test(key ?? "");
  if (check === "root") return path.at(-1) === "Path";
  return check === "image" && path.at(-1) !== "source" && path.at(-1) !== "driver_options";
}

/** The element that a finding is about, in the terms of the YAML. */
function subjectOf(
  { check, is, path, expected }: Pick<RuleFinding, "check" | "is" | "path" | "expected">,
  request: Json | undefined,
): Subject {
  const last = path.at(-1);
  const received = is === "missing" ? expected : jsonAt(request, path);
  const subject = { check, key: undefined, index: undefined, member: typeof last === "string" ? last : undefined };
  switch (check) {
    case "env":
      return { ...subject, key: typeof received === "string" ? received.split("=")[0] : undefined };
    case "args":
      return { ...subject, index: typeof last === "number" ? last : undefined };
    case "mounts":
      return { ...subject, key: memberOf(jsonAt(request, path.slice(0, 3)), "destination") };
    case "linux_devices":
      return { ...subject, key: memberOf(received, "Path") };
    case "devices":
      return { ...subject, key: memberOf(received, "container_path") };
    case "annotations":
    case "sysctl":
      return { ...subject, key: typeof last === "string" ? last : undefined };
    default:
      return subject;
  }
}

function memberOf(value: Json | undefined, member: string): string | undefined {
  const found = isJsonObject(value) ? value[member] : undefined;
  return typeof found === "string" ? found : undefined;
}

/** An element that the guest has refused without the text showing it: only what the policy has is known. */
export function refusedFinding(check: string, context: FindingContext): Finding {
  const [path = []]: readonly Path[] = context.guide.reads;
  const expected = context.container === undefined ? undefined : jsonAt(context.container.raw, path);
  const subject = { check, key: undefined, index: undefined, member: undefined };
  const { field, remedy } = context.guide;
  const name = context.container?.isSandbox === true ? undefined : context.container?.name;
  const yaml = field === undefined ? undefined : yamlPlaceOf(context.object, name, field, subject);
  return { is: "refused", path, received: undefined, expected, yaml, remedy };
}
