import { POD_NAME } from "../rule-requests.ts";
import { allowed, denied, policyOf, type RuleCase } from "./rule-case.ts";

const CRI = "io.kubernetes.cri.";

export const identity: readonly RuleCase[] = [
  denied("container type", "web", (r) => (r.OCI.Annotations[`${CRI}container-type`] = "sandbox")),
  denied(
    "container type of Kata",
    "web",
    (r) => (r.OCI.Annotations["io.katacontainers.pkg.oci.container_type"] = "pod_sandbox"),
  ),
  denied("container name", "web", (r) => (r.OCI.Annotations[`${CRI}container-name`] = "other")),
  denied("container name of a sandbox", "pause", (r) => (r.OCI.Annotations[`${CRI}container-name`] = "web")),
  denied(
    "no container type of Kata",
    "web",
    (r) => delete r.OCI.Annotations["io.katacontainers.pkg.oci.container_type"],
  ),
  denied("namespace", "blocks", (r) => (r.OCI.Annotations[`${CRI}sandbox-namespace`] = "other")),
  allowed(
    "any namespace",
    "web",
    (r) => {
      r.OCI.Annotations[`${CRI}sandbox-namespace`] = "other";
      r.OCI.Process.Args[2] = `http://10.1.2.3:80/other/${POD_NAME}`;
    },
    (p) => (policyOf(p, "web").OCI.Annotations[`${CRI}sandbox-namespace`] = ""),
  ),
  denied(
    "namespace that is no name",
    "blocks",
    (r) => (r.OCI.Annotations[`${CRI}sandbox-namespace`] = "a b"),
    (p) => (policyOf(p, "blocks").OCI.Annotations[`${CRI}sandbox-namespace`] = ""),
  ),
  denied("pod name", "blocks", (r) => (r.OCI.Annotations[`${CRI}sandbox-name`] = "web-x7k2p0")),
  denied(
    "pod name in front of the wanted one",
    "blocks",
    (r) => (r.OCI.Annotations[`${CRI}sandbox-name`] = "xweb-x7k2p"),
    (p) => (policyOf(p, "blocks").OCI.Annotations[`${CRI}sandbox-name`] = "web-[a-z0-9]{5}"),
  ),
  denied(
    "pod name that is no name",
    "blocks",
    (r) => (r.OCI.Annotations[`${CRI}sandbox-name`] = "web .*"),
    (p) => delete policyOf(p, "blocks").OCI.Annotations[`${CRI}sandbox-name`],
  ),
  allowed(
    "any pod name",
    "blocks",
    (r) => (r.OCI.Annotations[`${CRI}sandbox-name`] = "other"),
    (p) => delete policyOf(p, "blocks").OCI.Annotations[`${CRI}sandbox-name`],
  ),
  denied("sandbox id", "blocks", (r) => (r.OCI.Annotations[`${CRI}sandbox-id`] = "ab")),
  denied("log directory", "pause", (r) => (r.OCI.Annotations[`${CRI}sandbox-log-directory`] = "/var/log/pods/x")),
  denied("no log directory", "pause", (r) => delete r.OCI.Annotations[`${CRI}sandbox-log-directory`]),
  denied("log directory of a container", "web", (r) => (r.OCI.Annotations[`${CRI}sandbox-log-directory`] = "/x")),
  denied("network of a sandbox", "pause", (r) => (r.OCI.Annotations["nerdctl/network-namespace"] = "/proc/1/ns/net")),
  denied("network of a container", "web", (r) => (r.OCI.Annotations["nerdctl/network-namespace"] = "/x")),
  denied("unknown annotation", "web", (r) => (r.OCI.Annotations["io.katacontainers.config.agent.policy"] = "")),
  denied("other value of an own annotation", "web", (r) => (r.OCI.Annotations["example.com/tier"] = "lead")),
  allowed("annotations are missing", "web", (r) => delete r.OCI.Annotations["example.com/tier"]),
  allowed("dynamic annotation", "web", (r) => (r.OCI.Annotations["cdi.k8s.io/gpu12"] = "nvidia.com/gpu=0")),
  denied(
    "dynamic annotation with a longer key",
    "web",
    (r) => (r.OCI.Annotations["cdi.k8s.io/gpu123"] = "nvidia.com/gpu=0"),
  ),
  denied(
    "dynamic annotation with another value",
    "web",
    (r) => (r.OCI.Annotations["cdi.k8s.io/gpu12"] = "nvidia.com/gpu=all"),
  ),
  denied(
    "annotation pattern, other value",
    "web",
    (r) => (r.OCI.Annotations["io.kubernetes.container.terminationMessagePath"] = "x"),
  ),
  denied("process namespace of the pod", "web", (r) => (r.sandbox_pidns = true)),
  denied("OCI version", "web", (r) => (r.OCI.Version = "1.2.0")),
  allowed(
    "OCI version is not looked at",
    "web",
    (r) => (r.OCI.Version = "1.2.0"),
    (p) => (p.common.check_oci_version = false),
  ),
];
