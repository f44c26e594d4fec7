import * as v from "valibot";
import { container, resources } from "./container.ts";
import { integer, optional, passedOn, stringMap } from "./field-schema.ts";
import { podSecurityContext } from "./security-context.ts";
import { volume } from "./volume.ts";

/** Metadata of an object or pod template. */
export const metadata = v.looseObject({
  name: optional(v.string()),
  generateName: optional(v.string()),
  namespace: optional(v.string()),
  uid: optional(v.string()),
  labels: optional(stringMap),
  annotations: optional(stringMap),
  creationTimestamp: passedOn,
  deletionGracePeriodSeconds: passedOn,
  deletionTimestamp: passedOn,
  finalizers: passedOn,
  generation: passedOn,
  managedFields: passedOn,
  ownerReferences: passedOn,
  resourceVersion: passedOn,
  selfLink: passedOn,
});

const hostAlias = v.looseObject({ ip: optional(v.string()), hostnames: optional(v.array(v.string())) });

/** A pod spec with the fields that decide what the guest is asked to run; the other API fields are only passed on. */
export const podSpec = v.looseObject({
  containers: v.array(container),
  initContainers: optional(v.array(container)),
  ephemeralContainers: optional(v.array(container)),
  volumes: optional(v.array(volume)),
  runtimeClassName: optional(v.string()),
  restartPolicy: optional(v.string()),
  securityContext: optional(podSecurityContext),
  hostNetwork: optional(v.boolean()),
  hostPID: optional(v.boolean()),
  hostIPC: optional(v.boolean()),
  hostUsers: optional(v.boolean()),
  shareProcessNamespace: optional(v.boolean()),
  hostAliases: optional(v.array(hostAlias)),
  hostname: optional(v.string()),
  hostnameOverride: optional(v.string()),
  subdomain: optional(v.string()),
  setHostnameAsFQDN: optional(v.boolean()),
  nodeName: optional(v.string()),
  serviceAccountName: optional(v.string()),
  serviceAccount: optional(v.string()),
  automountServiceAccountToken: optional(v.boolean()),
  enableServiceLinks: optional(v.boolean()),
  terminationGracePeriodSeconds: optional(integer),
  activeDeadlineSeconds: optional(integer),
  dnsPolicy: optional(v.string()),
  dnsConfig: passedOn,
  imagePullSecrets: optional(v.array(v.looseObject({ name: optional(v.string()) }))),
  resources: optional(resources),
  overhead: passedOn,
  affinity: passedOn,
  nodeSelector: optional(stringMap),
  os: passedOn,
  preemptionPolicy: passedOn,
  priority: passedOn,
  priorityClassName: passedOn,
  readinessGates: passedOn,
  resourceClaims: passedOn,
  schedulerName: passedOn,
  schedulingGates: passedOn,
  tolerations: passedOn,
  topologySpreadConstraints: passedOn,
});

/** A pod spec as its fields are typed. */
export type PodSpec = v.InferOutput<typeof podSpec>;
/** Metadata as its fields are typed. */
export type Metadata = v.InferOutput<typeof metadata>;
