import { describe, expect, test } from "bun:test";
import { connectAtls } from "../../../src/attestation/atls/connect.ts";
import { judgeReportData } from "../../fakes/atls/test-validator.ts";
import { useAtlsServices } from "../../fakes/atls/atls-service.ts";

const serve = useAtlsServices();
const CLIENT = {
  clientKey: undefined,
  validate: judgeReportData,
  signal: new AbortController().signal,
  timeoutMs: 5000,
};

describe("startAtlsService()", () => {
  test.each(["sni", "alpn", "both"] as const)("proves itself over a nonce in form %s", async (nonceForm) => {
    const service = await serve();
    const { attestation, close } = await connectAtls({
      ...CLIENT,
      endpoint: service.endpoint,
      now: new Date(),
      nonceForm,
    });
    expect(attestation.verdict.outcome).toBe("accepted");
    const { peer, evidence, admission } = await service.nextServed();
    expect([peer?.spkiDer.length, evidence, admission]).toEqual([91, undefined, "admitted"]);
    close();
  });
});
