/** Annotation of the pod template that carries a policy: standard base64 of its UTF-8 text. */
export const POLICY_ANNOTATION = "io.katacontainers.config.agent.policy";
