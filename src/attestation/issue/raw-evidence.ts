/** Evidence as a kernel hands it out; nothing of it is read. */
export interface RawEvidence {
  readonly tee: "snp" | "tdx";
  /** SNP: the report; TDX: the quote and what its service left behind it. */
  readonly bytes: Uint8Array;
  /** SNP: the certificate table that the host gave to the machine; empty where it gave none. */
  readonly certificateTable: Uint8Array;
}

/** Makes raw evidence through one of the kernel's interfaces, one piece at a time. */
export interface RawIssuer {
  readonly tee: RawEvidence["tee"];
  readonly source: string;
  /**
   * @param reportData 64 bytes
   * @throws ContrastError `issuer/busy` (may pass by itself), other `issuer/…`
   */
  readonly request: (reportData: Uint8Array, signal: AbortSignal) => Promise<RawEvidence>;
}
