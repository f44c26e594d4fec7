import { PLACEHOLDER_MEASUREMENT } from "../../src/manifest/placeholder-measurement.ts";

/** The complete AKS manifest of the reference document, with well-formed invented hashes and one owner of each kind. */
export function aksManifestText(): string {
  return `{
  "Policies": {
    "1e3ea6613cde1866c7f33844c4a2523a92a16ddc801470d9ee28e570e61296bd": {
      "SANs": [
        "api",
        "*"
      ],
      "WorkloadSecretID": "apps/v1/Deployment/shop/api"
    },
    "caf92dfa701b8d7f321e2d504d39f2828f817e8455042814d6a4a6dc510496d9": {
      "SANs": [
        "coordinator",
        "*"
      ],
      "WorkloadSecretID": "apps/v1/StatefulSet/default/coordinator"
    }
  },
  "ReferenceValues": {
    "snp": [
      {
        "MinimumTCB": {
          "BootloaderVersion": 3,
          "TEEVersion": 0,
          "SNPVersion": 8,
          "MicrocodeVersion": 115
        },
        "ProductName": "Milan",
        "TrustedMeasurement": "beee79ca916b9e5dc59602788cbfb097721cde34943e1583a3918f21011a71c47f371f68e883f5e474a6d4053d931a35"
      }
    ]
  },
  "WorkloadOwnerKeyDigests": [
    "${BASE_POINT_DIGEST}"
  ],
  "SeedshareOwnerPubKeys": [
    "${SEEDSHARE_PUBLIC_KEY}"
  ]
}
`;
}

/** Digest of the P-384 public key whose point is the curve's base point. */
export const BASE_POINT_DIGEST = "29f8fe74f38c49d49810cec736a26732a30bff2e64827b709a1c63340d4f7181";

/** A 2048 bit RSA public key in PKCS #1 form; its private key was thrown away. */
export const SEEDSHARE_PUBLIC_KEY =
  "3082010a0282010100ae16fdb03c403d81331314291d03d1bc081642f3cb002a540f72da55ed0aa701d3798076b08c1e2aa6bb2e8c5f565febfe487d9cbe95c253752d92752c73a4b09ea75a23c0e8831626c501faf3b76dd53e6d490c56b94f046afcf0a5cd34e0d516bf4980ec0790302a3b3ba252eccd1ce5586df2c72b061336ba7040d84ae5153b11328c4590861e64ae37287e6cef52a994362de8897c26e593ea5fb608628e7baca640815b5e987c1abf66190af919c398cf224acb9cdc13206bd26ece7017ba78dbc7a8db83f1f11ec8efe4890594fce9c74f04db80ead5f305fb40420fa3ff442603392237c4ad4a89f6dc3b11d8c00dfedb8310543732a81f348ef4800f0203010001";

/** What a build without guest images puts into the manifest for TDX platforms. */
export const TDX_DEFAULTS = {
  MrTd: PLACEHOLDER_MEASUREMENT,
  Rtrms: Array.from({ length: 4 }, () => PLACEHOLDER_MEASUREMENT),
  MinimumQeSvn: 0,
  MinimumPceSvn: 0,
  MinimumTeeTcbSvn: "",
  MrSeam: "",
  TdAttributes: "0000001000000000",
  Xfam: "e702060000000000",
};
