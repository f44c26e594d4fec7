/** What the checks are about, in the order of the report. */
export const SUBJECTS = {
  program: "this program and its tables",
  workspace: "files that commands write beside the manifest",
  deployment: "the Kubernetes YAML",
  manifest: "the manifest",
  coordinator: "the Coordinator's policy",
  keys: "the owners' private keys",
  "seed-shares": "what recovers the Coordinator",
  saved: "what set and verify have saved",
  collateral: "what AMD and Intel publish, in the cache",
  mesh: "the certificates of a workload",
} as const;

/** A group of checks. */
export type Subject = keyof typeof SUBJECTS;

/** Every check with what it looks at; one line, no final period. Names have a dot, since codes of errors have a slash. */
export const CHECKS = {
  "program.tables": "The tables of images and reference values can be read",
  "workspace.rules": "rules.rego and settings.json are those of this version",
  "workspace.writable": "set and verify can write their files",
  "workspace.clock": "The clock is not behind the files",
  "workspace.left-overs": "No interrupted command has left a temporary file",
  "deployment.readable": "The YAML can be read",
  "deployment.policies": "Every confidential workload carries a policy",
  "deployment.runtime-class": "Runtime classes are those of this version, for one platform",
  "deployment.images": "Images of Contrast are those of this version",
  "deployment.injected": "Initializer and service mesh are injected where they belong",
  "deployment.policy-rules": "Policies begin with the rules of this version",
  "deployment.policy-fits": "Each policy knows the containers and images of its workload",
  "deployment.current": "generate would change nothing",
  "manifest.readable": "The manifest can be read",
  "manifest.valid": "The manifest has nothing that set and verify refuse",
  "manifest.complete": "No reference value is still to be filled in",
  "manifest.judged": "This version checks every member of the reference values",
  "manifest.accepted": "The Coordinator would take the manifest and its policies",
  "manifest.policies": "YAML and manifest name the same policies",
  "manifest.platform": "The manifest trusts hosts of the platform of the YAML",
  "manifest.measurements": "The trusted measurements are those of this version",
  "manifest.observation": "No value that only serves to observe a machine is left",
  "manifest.debug": "No entry trusts guests that can be debugged",
  "manifest.owners": "Somebody may update the deployment, and somebody may recover it",
  "coordinator.expected": "It is known which policy the Coordinator must have",
  "coordinator.deployed": "The Coordinator of the YAML has the expected policy",
  "coordinator.released": "The expected policy is that of the released Coordinator",
  "keys.workload-owner": "The workload owner key can be read",
  "keys.workload-owner-named": "The manifest names the workload owner key",
  "keys.workload-owner-in-force": "The manifest in force accepts updates by the workload owner key",
  "keys.seedshare-owner": "The seed share owner key can be read",
  "keys.seedshare-owner-named": "The manifest names the seed share owner key",
  "keys.permissions": "Nobody else can read the private keys",
  "seed-shares.present": "Seed shares are there once a manifest was set",
  "seed-shares.readable": "The seed shares can be read",
  "seed-shares.decryptable": "The seed share owner key opens a seed share",
  "seed-shares.deployment": "The seed is that of the saved root CA",
  "seed-shares.owners": "The seed shares are for the owners that the manifest names",
  "saved.certificates": "The saved CA certificates are well-formed and valid",
  "saved.deployment": "The saved root CAs are of one deployment",
  "saved.mesh-ca": "The mesh CA beside the manifest is the latest one that is known",
  "saved.history": "The saved history is whole and can be read",
  "saved.policies": "The saved policies are whole and those of the manifest in force",
  "saved.transition": "The latest transition belongs to the saved history",
  "saved.seedshare-owners": "The manifest has the seed share owners of the one in force, which never change",
  "saved.workload-secrets": "No workload loses the secret that its data may be encrypted with",
  "saved.in-force": "The manifest is the one that was in force last",
  "collateral.cache": "The cache has no damaged files",
  "collateral.dates": "Collateral of the manifest's hardware is at hand and valid",
  "mesh.certificates": "Certificate, key, mesh CA and root CA of the workload fit together",
  "mesh.permissions": "Nobody else can read the workload's key",
  "mesh.authority": "The workload's certificate is of the mesh CA in force",
  "mesh.deployment": "The workload belongs to the deployment of the saved root CA",
  "mesh.expiry": "The workload's certificate does not expire soon",
} as const satisfies Readonly<Record<`${Subject}.${string}`, string>>;

/** Names a check; never renamed or reused, since scripts look for it. */
export type CheckId = keyof typeof CHECKS;

/** Every check in the order of the report. */
export const CHECK_IDS: readonly CheckId[] = Object.keys(CHECKS).filter((id): id is CheckId => id in CHECKS);

/** Every subject in the order of the report. */
export const SUBJECT_NAMES: readonly Subject[] = Object.keys(SUBJECTS).filter(
  (name): name is Subject => name in SUBJECTS,
);

/** The subject of a check: what stands before the dot of its name. */
export function subjectOf(check: CheckId): Subject | undefined {
  return SUBJECT_NAMES.find((name) => check.startsWith(`${name}.`));
}
