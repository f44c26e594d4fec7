import { describe, expect, test } from "bun:test";
import { renderVersionDetails } from "../../src/commands/version-details.ts";
import { NO_UNKNOWN_FIELDS } from "../../src/lib/go-json/go-json-codec.ts";
import { PLACEHOLDER_MEASUREMENT } from "../../src/manifest/placeholder-measurement.ts";

const unknown = NO_UNKNOWN_FIELDS;

describe("renderVersionDetails()", () => {
  test("shows each value by its own name, and says what is missing", () => {
    const text = renderVersionDetails({
      images: ["registry.example/coordinator:v1@sha256:00"],
      platforms: [
        {
          platform: "k3s-qemu-tdx",
          display: "K3s-QEMU-TDX",
          runtimeHandler: "contrast-cc-k3s-qemu-tdx-00000000",
          referenceValues: {
            snp: [
              {
                productName: "Milan",
                trustedMeasurement: PLACEHOLDER_MEASUREMENT,
                minimumTcb: { bootloaderVersion: 3, teeVersion: 0, snpVersion: null, microcodeVersion: 115, unknown },
                guestPolicy: undefined,
                platformInfo: undefined,
                allowedChipIds: null,
                unknown,
              },
            ],
            tdx: [
              {
                mrTd: "aa",
                rtrms: undefined,
                rtmrs: ["00", "01", "02", "03"],
                minimumQeSvn: 4,
                minimumPceSvn: 5,
                minimumTeeTcbSvn: "",
                mrSeam: "bb",
                tdAttributes: "cc",
                xfam: "dd",
                unknown,
              },
            ],
            unknown,
          },
        },
      ],
    });
    expect(text).toBe(`
container image versions:
  registry.example/coordinator:v1@sha256:00

reference values for K3s-QEMU-TDX:
  runtime handler:  contrast-cc-k3s-qemu-tdx-00000000
  SNP Milan:
    launch digest:               (not part of this build)
    default bootloader version:  3
    default TEE version:         0
    default SNP version:         (no default)
    default microcode version:   115
  TDX:
    MRTD:                 aa
    RTMR 0:               00
    RTMR 1:               01
    RTMR 2:               02
    RTMR 3:               03
    minimum QE SVN:       4
    minimum PCE SVN:      5
    minimum TEE TCB SVN:  (no default)
    MRSEAM:               bb
    TD attributes:        cc
    XFAM:                 dd
`);
  });
});
