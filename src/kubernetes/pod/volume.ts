import * as v from "valibot";
import { fieldRef, resourceFieldRef } from "./container.ts";
import { integer, optional, passedOn, quantity, stringMap } from "./field-schema.ts";

const keyToPath = v.looseObject({ key: v.string(), path: v.string(), mode: optional(integer) });

const downwardFile = v.looseObject({
  path: v.string(),
  fieldRef: optional(fieldRef),
  resourceFieldRef: optional(resourceFieldRef),
  mode: optional(integer),
});

/** `spec` of a claim, in a claim of its own, in a template of a StatefulSet or in an ephemeral volume. */
const claimSpec = v.looseObject({
  accessModes: optional(v.array(v.string())),
  storageClassName: optional(v.string()),
  volumeMode: optional(v.string()),
  volumeName: optional(v.string()),
  volumeAttributesClassName: optional(v.string()),
  resources: passedOn,
  selector: passedOn,
  dataSource: passedOn,
  dataSourceRef: passedOn,
});

const projection = v.looseObject({
  configMap: optional(
    v.looseObject({
      name: optional(v.string()),
      items: optional(v.array(keyToPath)),
      optional: optional(v.boolean()),
    }),
  ),
  secret: optional(
    v.looseObject({
      name: optional(v.string()),
      items: optional(v.array(keyToPath)),
      optional: optional(v.boolean()),
    }),
  ),
  downwardAPI: optional(v.looseObject({ items: optional(v.array(downwardFile)) })),
  serviceAccountToken: optional(
    v.looseObject({ path: v.string(), audience: optional(v.string()), expirationSeconds: optional(integer) }),
  ),
  clusterTrustBundle: passedOn,
  podCertificate: passedOn,
});

/** A volume of a pod: its name and one source. Sources that the guest never sees are only passed on. */
export const volume = v.looseObject({
  name: v.string(),
  emptyDir: optional(v.looseObject({ medium: optional(v.string()), sizeLimit: optional(quantity) })),
  hostPath: optional(v.looseObject({ path: v.string(), type: optional(v.string()) })),
  persistentVolumeClaim: optional(v.looseObject({ claimName: v.string(), readOnly: optional(v.boolean()) })),
  configMap: optional(
    v.looseObject({
      name: optional(v.string()),
      items: optional(v.array(keyToPath)),
      defaultMode: optional(integer),
      optional: optional(v.boolean()),
    }),
  ),
  secret: optional(
    v.looseObject({
      secretName: optional(v.string()),
      items: optional(v.array(keyToPath)),
      defaultMode: optional(integer),
      optional: optional(v.boolean()),
    }),
  ),
  projected: optional(v.looseObject({ sources: optional(v.array(projection)), defaultMode: optional(integer) })),
  downwardAPI: optional(v.looseObject({ items: optional(v.array(downwardFile)), defaultMode: optional(integer) })),
  ephemeral: optional(
    v.looseObject({
      volumeClaimTemplate: optional(v.looseObject({ metadata: passedOn, spec: optional(claimSpec) })),
    }),
  ),
  csi: optional(
    v.looseObject({
      driver: v.string(),
      fsType: optional(v.string()),
      readOnly: optional(v.boolean()),
      volumeAttributes: optional(stringMap),
      nodePublishSecretRef: passedOn,
    }),
  ),
  azureFile: optional(
    v.looseObject({ secretName: v.string(), shareName: v.string(), readOnly: optional(v.boolean()) }),
  ),
  nfs: optional(v.looseObject({ server: v.string(), path: v.string(), readOnly: optional(v.boolean()) })),
  image: optional(v.looseObject({ reference: optional(v.string()), pullPolicy: optional(v.string()) })),
  awsElasticBlockStore: passedOn,
  azureDisk: passedOn,
  cephfs: passedOn,
  cinder: passedOn,
  fc: passedOn,
  flexVolume: passedOn,
  flocker: passedOn,
  gcePersistentDisk: passedOn,
  gitRepo: passedOn,
  glusterfs: passedOn,
  iscsi: passedOn,
  photonPersistentDisk: passedOn,
  portworxVolume: passedOn,
  quobyte: passedOn,
  rbd: passedOn,
  scaleIO: passedOn,
  storageos: passedOn,
  vsphereVolume: passedOn,
});

/** A claim: an object of its own, or a template of a StatefulSet. */
export const volumeClaim = v.looseObject({
  apiVersion: optional(v.string()),
  kind: optional(v.string()),
  metadata: optional(
    v.looseObject({ name: optional(v.string()), labels: optional(stringMap), annotations: optional(stringMap) }),
  ),
  spec: optional(claimSpec),
  status: passedOn,
});

/** A volume as its fields are typed. */
export type Volume = v.InferOutput<typeof volume>;
/** A claim as its fields are typed. */
export type VolumeClaim = v.InferOutput<typeof volumeClaim>;

/** The names of a volume's sources, known to Kubernetes or not; one is right, several are refused by the cluster. */
export function volumeSources(source: Volume): readonly string[] {
  return Object.keys(source).filter((key) => key !== "name" && source[key] !== undefined && source[key] !== null);
}
