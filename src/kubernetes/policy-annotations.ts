/** Annotation of the pod template that carries a policy: standard base64 of its UTF-8 text. */
export const POLICY_ANNOTATION = "io.katacontainers.config.agent.policy";

/** The one of later guests: standard base64 of gzip of the initdata document that holds the policy. */
export const INITDATA_ANNOTATION = "io.katacontainers.config.hypervisor.cc_init_data";

/** Annotations that carry policies; a pod has one of them. */
export const POLICY_ANNOTATIONS = [POLICY_ANNOTATION, INITDATA_ANNOTATION] as const;

/** Name of such an annotation. */
export type PolicyAnnotation = (typeof POLICY_ANNOTATIONS)[number];
