import { openToken } from "./token.ts";

// Tokens stand for the form of a value, so that an address is an address and a number is a number, whosever they are.
const ADDRESS = openToken("pod-ip");
const PORT = openToken("resource-field");
const URL = `tcp://${ADDRESS}:${PORT}`;

/**
 * What `$(NAME)` stands for where the pod itself does not define NAME: the variables of the API server's Service, which
 * the kubelet gives to every container, also with `enableServiceLinks: false`. Their values are known only in the cluster.
 *
 * @see kubernetes `pkg/kubelet/kubelet_pods.go`, `getServiceEnvVarMap`
 */
export const CLUSTER_VARIABLES: ReadonlyMap<string, string> = new Map([
  ["KUBERNETES_SERVICE_HOST", ADDRESS],
  ["KUBERNETES_SERVICE_PORT", PORT],
  ["KUBERNETES_SERVICE_PORT_HTTPS", PORT],
  ["KUBERNETES_PORT", URL],
  ["KUBERNETES_PORT_443_TCP", URL],
  ["KUBERNETES_PORT_443_TCP_PROTO", "tcp"],
  ["KUBERNETES_PORT_443_TCP_PORT", PORT],
  ["KUBERNETES_PORT_443_TCP_ADDR", ADDRESS],
]);
