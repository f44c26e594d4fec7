import * as v from "valibot";
import { integer, optional, passedOn } from "./field-schema.ts";

const profile = v.looseObject({ type: v.string(), localhostProfile: optional(v.string()) });

const sysctl = v.looseObject({ name: v.string(), value: v.string() });

/** `securityContext` of a pod. */
export const podSecurityContext = v.looseObject({
  runAsUser: optional(integer),
  runAsGroup: optional(integer),
  runAsNonRoot: optional(v.boolean()),
  fsGroup: optional(integer),
  fsGroupChangePolicy: optional(v.string()),
  supplementalGroups: optional(v.array(integer)),
  supplementalGroupsPolicy: optional(v.string()),
  sysctls: optional(v.array(sysctl)),
  seccompProfile: optional(profile),
  appArmorProfile: optional(profile),
  seLinuxOptions: passedOn,
  seLinuxChangePolicy: passedOn,
  windowsOptions: passedOn,
});

/** `securityContext` of a container. */
export const containerSecurityContext = v.looseObject({
  runAsUser: optional(integer),
  runAsGroup: optional(integer),
  runAsNonRoot: optional(v.boolean()),
  readOnlyRootFilesystem: optional(v.boolean()),
  allowPrivilegeEscalation: optional(v.boolean()),
  privileged: optional(v.boolean()),
  capabilities: optional(v.looseObject({ add: optional(v.array(v.string())), drop: optional(v.array(v.string())) })),
  procMount: optional(v.string()),
  seccompProfile: optional(profile),
  appArmorProfile: optional(profile),
  seLinuxOptions: passedOn,
  windowsOptions: passedOn,
});
