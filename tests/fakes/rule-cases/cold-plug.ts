import type { Tree } from "../rule-policy.ts";
import { createContainer } from "../rule-requests.ts";
import { allowed, denied, type Edit, policyOf, type RuleCase } from "./rule-case.ts";

/** Policies for Contrast 1.4: its runtime passes GPUs when the VM starts, and then only annotates containers. */
const coldPlug: Edit = (policy) => {
  const gpus = policyOf(policy, "gpus");
  gpus.devices = [];
  gpus.gpus = 2;
  policy.common.dynamic_annotations = {};
};

const cold =
  (edit: Edit): Edit =>
  (request) => {
    request.devices = [];
    edit(request);
  };

const annotate = (request: Tree, key: string, value: string): void => {
  request.OCI.Annotations[`cdi.k8s.io/${key}`] = value;
};

const onlyAnnotations = (title: string, edit: Edit): RuleCase => denied(title, "gpus", cold(edit), coldPlug);

/** What hosts may do about GPUs that are there when the VM starts: each refusal is that of one check alone. */
export const coldPlugCases: readonly RuleCase[] = [
  allowed(
    "cold plug as the runtime of 1.4 tells of it",
    "gpus",
    cold(() => {}),
    coldPlug,
  ),
  allowed(
    "cold plug of fewer GPUs",
    "gpus",
    cold((r) => delete r.OCI.Annotations["cdi.k8s.io/vfio17"]),
    coldPlug,
  ),
  allowed(
    "cold plug by a runtime that keeps the annotations to itself",
    "gpus",
    cold((r) => {
      delete r.OCI.Annotations["cdi.k8s.io/vfio4"];
      delete r.OCI.Annotations["cdi.k8s.io/vfio17"];
    }),
    coldPlug,
  ),
  onlyAnnotations("cold plug of one GPU more", (r) => annotate(r, "vfio18", "nvidia.com/gpu=2")),
  onlyAnnotations("cold plug of all GPUs by one annotation", (r) => annotate(r, "vfio4", "nvidia.com/gpu=all")),
  onlyAnnotations("cold plug of something else than a GPU", (r) => annotate(r, "vfio4", "nvidia.com/nvswitch=0")),
  onlyAnnotations("cold plug of a device of another vendor", (r) => annotate(r, "vfio4", "example.com/gpu=0")),
  onlyAnnotations("cold plug of two GPUs by one annotation", (r) =>
    annotate(r, "vfio4", "nvidia.com/gpu=0,nvidia.com/gpu=1"),
  ),
  onlyAnnotations("cold plug by an annotation without a number", (r) => {
    annotate(r, "vfioABC", "nvidia.com/gpu=0");
    delete r.OCI.Annotations["cdi.k8s.io/vfio4"];
  }),
  onlyAnnotations("cold plug by an annotation of another kind", (r) => annotate(r, "gpu", "nvidia.com/pgpu=0")),
  denied(
    "hot plug under a policy of cold plug",
    "gpus",
    (r) => {
      const [first] = createContainer("gpus").devices;
      r.devices = [first];
      delete r.OCI.Annotations["cdi.k8s.io/vfio17"];
    },
    coldPlug,
  ),
  denied("cold plug of a GPU that nobody asked for", "web", (r) => annotate(r, "vfio4", "nvidia.com/gpu=0"), coldPlug),
  denied("cold plug in a sandbox without GPUs", "pause", (r) => annotate(r, "vfio4", "nvidia.com/gpu=0"), coldPlug),
  denied(
    "other memory of the guest than the pod asks for",
    "gpus",
    (r) => (r.OCI.Annotations["io.katacontainers.config.hypervisor.default_memory"] = "512"),
    (p) => {
      policyOf(p, "gpus").OCI.Annotations["io.katacontainers.config.hypervisor.default_memory"] = "16384";
    },
  ),
  denied(
    "other device than the pod names",
    "gpus",
    (r) => annotate(r, "gpu", "nvidia.com/pgpu=1"),
    (p) => (policyOf(p, "gpus").OCI.Annotations["cdi.k8s.io/gpu"] = "nvidia.com/pgpu=0"),
  ),
];
