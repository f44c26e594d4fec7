/** What a Coordinator gives to a workload; the bytes are as received. */
export interface MeshCertificate {
  /** PEM of one certificate: authority of the workloads' certificates under the manifest in force. */
  readonly meshCaPem: Uint8Array;
  /** PEM of the workload's certificate, then of the intermediate. */
  readonly certChainPem: Uint8Array;
  /** PEM of one certificate, the same for the life of the deployment. */
  readonly rootCaPem: Uint8Array;
  /** Secret; empty where the manifest names none. */
  readonly workloadSecret: Uint8Array;
}
