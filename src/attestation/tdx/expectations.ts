/** One entry of the manifest's TDX reference values. */
export interface TdxExpectations {
  /** Such as `tdx-0`. */
  readonly name: string;
  /** Such as `ReferenceValues.tdx[0]`. */
  readonly source: string;
  /** 48 bytes. */
  readonly mrTd: Uint8Array;
  /** Versions of Contrast spell the member of the manifest differently. */
  readonly rtmrsKey: "Rtrms" | "Rtmrs";
  /** RTMR0 to RTMR3, 48 bytes each. */
  readonly rtmrs: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  /** 48 bytes. */
  readonly mrSeam: Uint8Array;
  /** 16 bytes, compared byte by byte. */
  readonly minimumTeeTcbSvn: Uint8Array;
  /** 8 bytes. */
  readonly tdAttributes: Uint8Array;
  /** 8 bytes. */
  readonly xfam: Uint8Array;
  /** 0..65535 */
  readonly minimumQeSvn: number;
  /** 0..65535 */
  readonly minimumPceSvn: number;
}
