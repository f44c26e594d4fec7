/**
 * First 48 bytes of a quote.
 *
 * @see Intel TDX DCAP Quoting Library API, A.3.1
 */
export interface QuoteHeader {
  readonly version: 4 | 5;
  /** 2: ECDSA with P-256; nothing else is read. */
  readonly attestationKeyType: number;
  /** 0x81: TDX; nothing else is read. */
  readonly teeType: number;
  /** Bytes 8 to 10, which google/go-tdx-guest calls PCE SVN; zero in all quotes of version 4 seen so far. */
  readonly pceSvn: number;
  /** Bytes 10 to 12, which google/go-tdx-guest calls QE SVN; zero in all quotes of version 4 seen so far. */
  readonly qeSvn: number;
  /** 16 bytes. */
  readonly qeVendorId: Uint8Array;
  /** 20 bytes; the first 16 name the quoting enclave's key. */
  readonly userData: Uint8Array;
}

/** What the TDX module reports about a trust domain, 584 bytes (TDX 1.0) or 648 bytes (TDX 1.5). */
export interface TdReport {
  /** 16 bytes: SVN of the TDX module, its major version, SVN of the SEAM loader, reserved. */
  readonly teeTcbSvn: Uint8Array;
  /** 48 bytes. */
  readonly mrSeam: Uint8Array;
  /** 48 bytes; zero for modules that Intel signed. */
  readonly mrSignerSeam: Uint8Array;
  /** 8 bytes, little-endian bits. */
  readonly seamAttributes: Uint8Array;
  /** 8 bytes, little-endian bits. */
  readonly tdAttributes: Uint8Array;
  /** 8 bytes, little-endian bits. */
  readonly xfam: Uint8Array;
  /** 48 bytes. */
  readonly mrTd: Uint8Array;
  /** 48 bytes. */
  readonly mrConfigId: Uint8Array;
  /** 48 bytes. */
  readonly mrOwner: Uint8Array;
  /** 48 bytes. */
  readonly mrOwnerConfig: Uint8Array;
  /** RTMR0 to RTMR3, 48 bytes each. */
  readonly rtmrs: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  /** 64 bytes. */
  readonly reportData: Uint8Array;
  /** Only in the longer form. */
  readonly tdx15: { readonly teeTcbSvn2: Uint8Array; readonly mrServiceTd: Uint8Array } | undefined;
}

/** The quoting enclave's own SGX report, 384 bytes. */
export interface QeReport {
  /** All 384 bytes, which the PCK signs. */
  readonly bytes: Uint8Array;
  /** 16 bytes. */
  readonly cpuSvn: Uint8Array;
  readonly miscSelect: number;
  /** 16 bytes. */
  readonly attributes: Uint8Array;
  /** 32 bytes. */
  readonly mrEnclave: Uint8Array;
  /** 32 bytes. */
  readonly mrSigner: Uint8Array;
  readonly isvProdId: number;
  readonly isvSvn: number;
  /** 64 bytes. */
  readonly reportData: Uint8Array;
}

/** A TDX quote, taken apart; nothing in it is verified. All ranges share the memory of `bytes` or `extra`. */
export interface TdxQuote {
  /** The quote without what follows its signature data. */
  readonly bytes: Uint8Array;
  readonly header: QuoteHeader;
  readonly body: TdReport;
  /** Header and body; in version 5 also type and size of the body, which stand between them. */
  readonly signedBytes: Uint8Array;
  /** r then s, 32 bytes each, big-endian. */
  readonly signature: Uint8Array;
  /** x then y of a point on P-256, 32 bytes each, big-endian. */
  readonly attestationKey: Uint8Array;
  readonly qeReport: QeReport;
  /** r then s. */
  readonly qeReportSignature: Uint8Array;
  /** Bound into the QE report together with the attestation key. */
  readonly qeAuthData: Uint8Array;
  /** PEM as it stands in the quote, with whatever ends it. */
  readonly pckChainPem: Uint8Array;
  /** Bytes behind the quote, as quote providers leave them; unsigned and without meaning. */
  readonly extra: Uint8Array;
}
