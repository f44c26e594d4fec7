import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callCommand } from "../fakes/call-command.ts";
import { DEBIAN_IMAGES_NEED, debianFirmware, laterFirmware } from "../fakes/debian-images.ts";
import { isReady } from "../fakes/peers.ts";
import { recordIo } from "../fakes/recorded-io.ts";

const SUBJECT = "MRTD with the crates of td-shim and IGVM";
const PEER = join(tmpdir(), "contrast-tdx-mrtd-peer/release/tdx-mrtd-peer");
const debian = debianFirmware("ovmf/OVMF.fd");
const hasPeer = isReady(SUBJECT, existsSync(PEER), "need the peer that .ci/run builds of tests/interop/tdx-mrtd");
const hasImages = isReady(SUBJECT, debian !== undefined, DEBIAN_IMAGES_NEED);
const images = [debian ?? "", ...laterFirmware(SUBJECT)];

describe.if(hasPeer && hasImages)("contrast measure tdx", () => {
  test("computes the MRTD that a peer computes of firmware of Debian", async () => {
    const theirs = execFileSync(PEER, images, { encoding: "utf8" }).trim().split("\n");
    const ours: string[] = [];
    for (const firmware of images) {
      const io = recordIo({ format: "json" });
      await callCommand(["measure", "tdx", "--firmware", firmware], io);
      ours.push(JSON.parse(io.printed[0]!).mrTd);
    }
    expect(ours).toEqual(theirs);
    expect(new Set(ours).size).toBe(images.length);
  });
});
