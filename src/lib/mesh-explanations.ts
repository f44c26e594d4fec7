import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

const NO_FIT: ErrorExplanation = {
  causes: ["The deployment is larger than what people can read in one piece."],
  actions: [
    "Give fewer paths, such as those of one namespace.",
    "Or take contrast mesh graph --as dot or --format json, and let another program draw it.",
  ],
};

/** By code: what is known about the service mesh, its sidecar and its views. */
export const MESH_EXPLANATIONS = {
  "servicemesh/tls-file-missing": {
    causes: [
      "No Initializer runs before the sidecar, or another volume is mounted at /contrast.",
      "The sidecar was started by hand, where the files are elsewhere.",
    ],
    actions: ["Run contrast generate with this YAML and apply what it wrote.", "By hand, name them with --tls-dir."],
  },
  "servicemesh/tls-file-invalid": {
    causes: ["Key and certificate are of two runs of the Initializer.", "A file was changed or cut off."],
    actions: ["Restart the pod, so that the Initializer writes all files anew."],
  },
  "servicemesh/envoy-missing": {
    causes: ["The image of the sidecar has no program envoy in a directory of PATH."],
    actions: ["Use an image with Envoy, or name it with --envoy."],
  },
  "servicemesh/rules-failed": {
    causes: [
      "The container lacks the capability NET_ADMIN.",
      "The kernel of the guest has no TPROXY, no conntrack, or no table mangle.",
      "The image lacks iptables-restore, or ip6tables-restore where IPv6 is to be protected or refused.",
    ],
    actions: [
      "Read what iptables said, at the end of the message.",
      "Use the container as contrast generate injects it, and the guest image of the release.",
    ],
  },
  "servicemesh/protection-invalid": {
    causes: ["The mode is misspelt, or UDP is to be protected, which Envoy cannot do."],
    actions: ["Use ignore, refuse or protect for IPv6, and ignore or refuse for UDP."],
  },
  "servicemesh/image-unable": {
    causes: ["An annotation protects IPv6 or UDP, and the image of the sidecar would ignore it."],
    actions: [
      "Name an image that has this program with --image-replacements; docs/service-mesh.md says what it needs.",
      "Or remove the annotation, and live with what it protects from.",
    ],
  },
  "servicemesh/entry-malformed": {
    causes: ["Entries are separated by one # in place of two.", "A field of the entry is missing."],
    actions: [
      "Write ingress entries as name#port#true or name#port#false, egress entries as name#127.0.0.2:port#host:port.",
      "Write ## between entries.",
    ],
  },
  "servicemesh/port-conflict": {
    causes: ["Two entries, or an entry and the admin interface, claim the same port."],
    actions: ["Keep one of them, or choose another port."],
  },
  "servicemesh/listen-invalid": {
    causes: ["The address is outside of 127.0.0.0/8, a name, or without port."],
    actions: [
      "Use an address such as 127.0.0.2:4001, another one for each remote, and let the application connect to it.",
    ],
  },
  "topology/findings": {
    causes: ["The views found what --fail-on names; every finding was shown before."],
    actions: [
      "Mend the findings; docs/mesh-views.md says what each means.",
      "Or name a higher severity with --fail-on, or silence rules of lint where they stand.",
    ],
  },
  "topology/input-faulty": {
    causes: ["A file is no YAML, or an object in it is not what Kubernetes takes."],
    actions: ["Mend what was told; what was shown is complete but for that."],
  },
  "topology/clear-text": {
    causes: ["An ingress entry of the port ends in #true."],
    actions: [
      "Let the entry end in #false if clients have no certificate, or remove it if they have one.",
      "Leave it if the application does TLS itself.",
    ],
  },
  "topology/no-sidecar": {
    causes: ["The workload has none of the three annotations that make a sidecar."],
    actions: ["Add an empty servicemesh-ingress to demand certificates of the mesh on all ports."],
  },
  "topology/sidecar-stale": {
    causes: ["Annotations were changed after contrast generate."],
    actions: ["Run contrast generate again and set the new manifest."],
  },
  "topology/picture-too-large": NO_FIT,
  "topology/too-many-edges": NO_FIT,
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
