/** Init container that gets a workload's certificates. */
export const INITIALIZER_NAME = "contrast-initializer";

/** Init container that is the sidecar of the service mesh; it keeps running. */
export const SIDECAR_NAME = "contrast-service-mesh";

/** Annotation that tells what pods are to Contrast; `coordinator` marks the Coordinator's. */
export const POD_ROLE_ANNOTATION = "contrast.edgeless.systems/pod-role";
