import * as v from "valibot";
import { integer, optional, passedOn, quantity } from "./field-schema.ts";
import { lifecycle, probe } from "./probe.ts";
import { containerSecurityContext } from "./security-context.ts";

/** `fieldRef` of variables and downward API files. */
export const fieldRef = v.looseObject({ apiVersion: optional(v.string()), fieldPath: v.string() });

/** `resourceFieldRef` of variables and downward API files. */
export const resourceFieldRef = v.looseObject({
  containerName: optional(v.string()),
  resource: v.string(),
  divisor: optional(quantity),
});

const keyRef = v.looseObject({ name: v.string(), key: v.string(), optional: optional(v.boolean()) });

const variable = v.looseObject({
  name: v.string(),
  value: optional(v.string()),
  valueFrom: optional(
    v.looseObject({
      fieldRef: optional(fieldRef),
      resourceFieldRef: optional(resourceFieldRef),
      configMapKeyRef: optional(keyRef),
      secretKeyRef: optional(keyRef),
      fileKeyRef: passedOn,
    }),
  ),
});

const envFromRef = v.looseObject({ name: v.string(), optional: optional(v.boolean()) });

const variableSource = v.looseObject({
  prefix: optional(v.string()),
  configMapRef: optional(envFromRef),
  secretRef: optional(envFromRef),
});

const volumeMount = v.looseObject({
  name: v.string(),
  mountPath: v.string(),
  subPath: optional(v.string()),
  subPathExpr: optional(v.string()),
  readOnly: optional(v.boolean()),
  recursiveReadOnly: optional(v.string()),
  mountPropagation: optional(v.picklist(["None", "HostToContainer", "Bidirectional"])),
});

const port = v.looseObject({
  name: optional(v.string()),
  containerPort: integer,
  hostPort: optional(integer),
  hostIP: optional(v.string()),
  protocol: optional(v.string()),
});

/** `resources` of a container or pod. */
export const resources = v.looseObject({
  limits: optional(v.record(v.string(), quantity)),
  requests: optional(v.record(v.string(), quantity)),
  claims: passedOn,
});

/** A container, init container or ephemeral container. */
export const container = v.looseObject({
  name: v.string(),
  image: optional(v.string()),
  imagePullPolicy: optional(v.string()),
  command: optional(v.array(v.string())),
  args: optional(v.array(v.string())),
  workingDir: optional(v.string()),
  env: optional(v.array(variable)),
  envFrom: optional(v.array(variableSource)),
  ports: optional(v.array(port)),
  resources: optional(resources),
  resizePolicy: passedOn,
  volumeMounts: optional(v.array(volumeMount)),
  volumeDevices: optional(v.array(v.looseObject({ name: v.string(), devicePath: v.string() }))),
  livenessProbe: optional(probe),
  readinessProbe: optional(probe),
  startupProbe: optional(probe),
  lifecycle: optional(lifecycle),
  restartPolicy: optional(v.string()),
  restartPolicyRules: passedOn,
  securityContext: optional(containerSecurityContext),
  stdin: optional(v.boolean()),
  stdinOnce: optional(v.boolean()),
  tty: optional(v.boolean()),
  terminationMessagePath: optional(v.string()),
  terminationMessagePolicy: optional(v.string()),
  targetContainerName: optional(v.string()),
});

/** A container as its fields are typed. */
export type Container = v.InferOutput<typeof container>;
/** An entry of `env`. */
export type EnvironmentVariable = v.InferOutput<typeof variable>;
/** An entry of `envFrom`. */
export type EnvironmentSource = v.InferOutput<typeof variableSource>;
/** An entry of `volumeMounts`. */
export type VolumeMount = v.InferOutput<typeof volumeMount>;
