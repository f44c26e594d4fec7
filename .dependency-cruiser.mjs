/**
 * The rooms of src/ and their ranks: an import goes to a strictly lower rank or stays in its room. `npm run docs` writes
 * each room's README and the table in CONTRIBUTING.md from this list. Rooms of later commands are listed without folder.
 */
export const rooms = [
  {
    name: "lib",
    rank: 0,
    job: "Bytes, files, JSON, HTTP, logging, errors. Knows nothing of Contrast",
    parts: { "go-json": "JSON as Go's `encoding/json` reads and writes it", tar: "headers, small archives" },
  },
  {
    name: "terminal",
    rank: 1,
    job: "Flag grammar, help, completions, progress, JSON results",
    parts: { completion: "what a shell asks for, and the scripts that ask" },
  },
  {
    name: "pki",
    rank: 1,
    job: "DER, PEM, certificates, revocation lists, signatures, path checks",
    parts: { x509: "certificates, names, revocation lists and their checks" },
  },
  { name: "proto", rank: 1, job: "Protobuf messages and services, generated from the .proto files beside them" },
  {
    name: "rego",
    rank: 1,
    job: "Loads policy rules, ours compiled and those of others as text, and evaluates them with the state of a sandbox",
    parts: { regorus: "the guest agent's own engine, for rules that were not compiled beforehand" },
  },
  {
    name: "kubernetes",
    rank: 1,
    job: "YAML with positions, objects, typed views of pods, minimal edits",
    parts: {
      yaml: "from text to nodes: a fast reader for what is common, a strict one for the rest",
      edit: "from a wanted value to the smallest change of the text",
      pod: "typed views of workloads, ConfigMaps and Secrets",
    },
  },
  {
    name: "oci",
    rank: 2,
    job: "Image references, sources of images, their configuration and accounts",
    parts: {
      registry: "the distribution protocol: credentials, tokens, mirrors, limits",
      local: "OCI layouts and docker-archives on disk",
      layer: "what a layer says about account files",
      verity: "tar index and dm-verity root hash of layers, for guests that verify layers (AKS)",
    },
  },
  {
    name: "servicemesh",
    rank: 2,
    job: "The service mesh: annotations, what a sidecar does, the sidecar itself",
    parts: {
      bootstrap: "the configuration that Envoy starts with",
      rules: "the packet-filter rules of a pod, and how they are installed",
      sidecar: "what the process looks at before it starts Envoy: settings, certificates, IPv6",
    },
  },
  {
    name: "measure",
    rank: 2,
    job: "Launch measurements, computed from what a confidential VM starts with; what firmware images say about themselves",
    parts: {
      snp: "AMD SEV-SNP: launch digest, ID block",
      tdx: "Intel TDX: MRTD and the runtime registers",
    },
  },
  {
    name: "attestation",
    rank: 2,
    job: "Evidence of either kind of hardware, verdicts about it, the collateral that they need",
    parts: {
      snp: "AMD SEV-SNP: reports, endorsements, verification",
      tdx: "Intel TDX: quotes, collateral documents, TCB evaluation, verification",
      collateral: "vendor services, cache, bundles: where collateral comes from, whatever it says",
      atls: "TLS whose certificates carry evidence: clients; receives validators and issuers, never picks them",
      "atls/serve": "servers: from a connection to the client on it",
      "atls/late-certificate": "clients that choose their certificate after they read the request for one",
      issue: "evidence about this machine, from its kernel",
    },
  },
  {
    name: "manifest",
    rank: 3,
    job: "Schema, reading, writing, validation, platforms, reference values, owner keys",
  },
  {
    name: "policy",
    rank: 3,
    job: "Policy data from workloads, their text and hash, proof that they work",
    parts: {
      find: "the policies that YAML, manifests and directories of saved ones hold",
      view: "the data of a policy in the form that people are shown",
      derive: "what one pod may do: the data of its policy",
      settings: "settings files of this and earlier versions, and the shipped profiles",
      "self-check":
        "a model of kubelet, containerd and Kata, apart from `derive` on purpose: one mistake shows in the other",
      "policy-test": "directories of requests with expected verdicts",
      explain: "why a request is refused, and what in the YAML would change that",
      describe: "what a policy allows and what it does not protect, for people",
      "describe/page": "the same as one HTML page for reading offline",
      diff: "what one policy allows and another does not",
      initdata: "the document that later guests get in place of a bare policy",
    },
  },
  {
    name: "lint",
    rank: 3,
    job: "Rules in Rego about Kubernetes YAML: findings, their repair, reports for people and machines",
    parts: {
      facts: "what rules are told about objects",
      rules: "what people are told about rules: severity, reason, repair",
      report: "findings as text, JSON, SARIF, GitHub annotations, JUnit",
    },
  },
  {
    name: "rpc",
    rank: 3,
    job: "gRPC over attested TLS",
    parts: { serve: "servers: connections, services, metrics, orderly end" },
  },
  {
    name: "simulator",
    rank: 3,
    job: "Simulated machines: chips with keys, the authorities above them, their vendors' services; nothing trusts them by itself",
    parts: {
      amd: "AMD's authorities and SEV-SNP chips of our own",
      intel: "Intel's authorities and TDX platforms of our own",
    },
  },
  {
    name: "topology",
    rank: 3,
    job: "Who talks to whom in a deployment, over what: workloads, Services, sidecars and ports as the YAML has them",
    parts: { report: "the same as text and JSON", picture: "the same as a drawing: SVG, DOT, Mermaid" },
  },
  {
    name: "generate",
    rank: 4,
    job: "The pipeline of `contrast generate`: read, patch, fetch, derive, check, write",
    parts: { patch: "what is injected into a workload and replaced in it" },
  },
  { name: "client", rank: 4, job: "What a user does with a Coordinator: attest, set, verify, recover, observe, save" },
  {
    name: "coordinator",
    rank: 4,
    job: "The Coordinator: its state, who may change it, what it answers",
    parts: {
      history: "what is kept on disk: manifests, policies, the chain of transitions",
      seed: "keys and secrets that derive from the seed, and its shares",
      ca: "the certificates of a deployment",
    },
  },
  {
    name: "initializer",
    rank: 4,
    job: "The Initializer: gets a workload's certificates, prepares its encrypted volume",
  },
  {
    name: "sandbox",
    rank: 4,
    job: "A deployment on this computer: simulated machine, Coordinator and workloads as processes",
  },
  { name: "resources", rank: 4, job: "The cluster objects of Contrast itself: runtime, Coordinator, port-forwarder" },
  {
    name: "doctor",
    rank: 5,
    job: "Whether the files of a deployment, its keys and this program fit together, and what to do if not",
    parts: { checks: "one file for each group of checks", report: "results for people and programs" },
  },
  {
    name: "commands",
    rank: 6,
    job: "One file for each command: flags in, a call, lines out",
    parts: {
      coordinator: "`set`, `verify` and `recover`",
      evidence: "`evidence`: issue, fetch, show, verify",
      collateral: "`collateral`: list, fetch, export, import, prune",
      manifest: "`manifest`: validate, show, diff, observe",
      policy: "`policy`: test, show, explain, eval, diff, record",
      mesh: "`mesh`: render, graph",
      measure: "`measure`: snp, tdx",
      resources: "`resources`: runtime, coordinator, port-forwarder",
      roles: "`coordinator`, `service-mesh` and `initializer`, what runs inside of confidential VMs",
      sandbox: "`sandbox`: up, apply, status, run, restart, down, reference-values",
    },
  },
  { name: "cli", rank: 7, job: "The command tree, streams, signals, errors to exit statuses" },
];

const names = rooms.map(({ name }) => name);
const lowerRooms = (rank) => rooms.filter((room) => room.rank < rank).map(({ name }) => name);
const folder = (names) => `^src/(${names.join("|")})/`;
const partFolders = rooms.flatMap(({ name, parts = {} }) => Object.keys(parts).map((part) => `${name}/${part}`));

const directions = rooms.map(({ name, rank }) => ({
  name: `layer-${name}`,
  comment: `src/${name} (rank ${rank}) may import only itself and lower ranks`,
  severity: "error",
  from: { path: `^src/${name}/` },
  to: { path: "^src/", pathNot: folder([name, ...lowerRooms(rank)]) },
}));

// A sub-room (folder inside a room or a sub-room) may use files of the room itself, never a sibling sub-room.
const siblings = [
  {
    name: "sub-room-siblings",
    severity: "error",
    from: { path: "^src/([^/]+)/([^/]+)/" },
    to: { path: "^src/$1/[^/]+/", pathNot: "^src/$1/$2/" },
  },
  {
    name: "inner-sub-room-siblings",
    severity: "error",
    from: { path: "^src/([^/]+)/([^/]+)/([^/]+)/" },
    to: { path: "^src/$1/$2/[^/]+/", pathNot: "^src/$1/$2/$3/" },
  },
];

export default {
  forbidden: [
    ...directions,
    ...siblings,
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "unlisted-room",
      comment: "every folder of src/ needs a rank in this file; only main.ts stands beside the rooms",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/main\\.ts$", folder(names)] },
      to: {},
    },
    {
      name: "unlisted-sub-room",
      comment: "a folder inside a room needs a line in its parts",
      severity: "error",
      from: { path: "^src/[^/]+/[^/]+/", pathNot: folder(partFolders) },
      to: {},
    },
    {
      name: "unlisted-inner-sub-room",
      comment: "a folder inside a part needs a line of its own",
      severity: "error",
      from: {
        path: "^src/[^/]+/[^/]+/[^/]+/",
        pathNot: folder(partFolders.filter((part) => part.split("/").length > 2)),
      },
      to: {},
    },
    {
      name: "unlisted-room-target",
      severity: "error",
      from: {},
      to: { path: "^src/", pathNot: ["^src/main\\.ts$", folder(names)] },
    },
    {
      name: "main-is-a-leaf",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/main\\.ts$" },
    },
    {
      name: "main-imports-cli-and-lib-only",
      severity: "error",
      from: { path: "^src/main\\.ts$" },
      to: { path: "^src/", pathNot: "^src/(cli|lib)/" },
    },
    {
      name: "definitions-are-light",
      comment: "help and completion load definitions; what a command needs to run comes through `load`",
      severity: "error",
      from: { path: "^src/commands/.*(-definition|-flags?)\\.ts$" },
      to: {
        path: "^(src/|node:|[a-z/]+$)",
        pathNot: [
          "^src/commands/.*(-definition|-flags?)\\.ts$",
          "^src/commands/expired-collateral\\.ts$",
          "^src/terminal/",
          "^src/lib/instant\\.ts$",
          // Numbers alone.
          "^src/proto/message-limits\\.ts$",
        ],
        dependencyTypesNot: ["dynamic-import", "type-only"],
      },
    },
    {
      name: "definitions-are-deferred",
      comment: "every start of the program loads the command tree; a definition comes when its command is named",
      severity: "error",
      from: { path: "^src/(cli/|main\\.ts$)" },
      to: {
        path: "^src/commands/",
        pathNot: "^src/commands/version-text\\.ts$",
        dependencyTypesNot: ["dynamic-import", "type-only"],
      },
    },
    {
      name: "no-index-files",
      severity: "error",
      from: {},
      to: { path: "^src/.*index\\.ts$" },
    },
    {
      name: "no-tests-or-scripts",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(tests|scripts)/" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
