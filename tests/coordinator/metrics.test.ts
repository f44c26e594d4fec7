import { describe, expect, test } from "bun:test";
import { createMetrics } from "../../src/coordinator/metrics.ts";

const USER = 'grpc_type="unary",grpc_service="edgelesssys.contrast.userapi.UserAPI",grpc_method="SetManifest"';
const MESH = 'grpc_type="unary",grpc_service="meshapi.MeshAPI",grpc_method="NewMeshCert"';

async function linesOf(metrics: ReturnType<typeof createMetrics>): Promise<readonly string[]> {
  return (await metrics.scrape()).text.split("\n");
}

describe("createMetrics()", () => {
  test("has every metric of Contrast 1.4, and one of its own", async () => {
    const types = (await linesOf(createMetrics())).filter((line) => line.startsWith("# TYPE "));
    expect(types.toSorted()).toEqual([
      "# TYPE contrast_coordinator_manifest_generation gauge",
      "# TYPE contrast_grpc_server_handled_total counter",
      "# TYPE contrast_grpc_server_handling_seconds histogram",
      "# TYPE contrast_grpc_server_msg_received_total counter",
      "# TYPE contrast_grpc_server_msg_sent_total counter",
      "# TYPE contrast_grpc_server_started_total counter",
      "# TYPE contrast_meshapi_attestation_failures_total counter",
      "# TYPE contrast_meshapi_attestation_unchecked_total counter",
      "# TYPE promhttp_metric_handler_errors_total counter",
      "# TYPE promhttp_metric_handler_requests_in_flight gauge",
      "# TYPE promhttp_metric_handler_requests_total counter",
    ]);
  });

  test("begins with every method and status at 0", async () => {
    const lines = await linesOf(createMetrics());
    const handled = lines.filter((line) => line.startsWith("contrast_grpc_server_handled_total{"));
    expect([handled.length, handled.every((line) => line.endsWith(" 0"))]).toEqual([4 * 17, true]);
    for (const code of ["OK", "Canceled", "PermissionDenied", "FailedPrecondition", "Unauthenticated"]) {
      expect(lines).toContain(`contrast_grpc_server_handled_total{${USER},grpc_code="${code}"} 0`);
    }
    for (const name of ["started_total", "msg_received_total", "msg_sent_total", "handling_seconds_count"]) {
      for (const call of [USER, MESH]) expect(lines).toContain(`contrast_grpc_server_${name}{${call}} 0`);
    }
    for (const code of ["500", "503"])
      expect(lines).toContain(`promhttp_metric_handler_requests_total{code="${code}"} 0`);
    for (const cause of ["encoding", "gathering"]) {
      expect(lines).toContain(`promhttp_metric_handler_errors_total{cause="${cause}"} 0`);
    }
    expect(lines).toContain("contrast_meshapi_attestation_failures_total 0");
    expect(lines).toContain("contrast_coordinator_manifest_generation 0");
  });

  test("measures durations in the buckets of Contrast 1.4", async () => {
    const { observer, ...metrics } = createMetrics();
    observer.handled("meshapi.MeshAPI", "NewMeshCert", "OK", 0.004);
    const buckets = (await linesOf({ observer, ...metrics })).flatMap((line) => {
      const [, le, count] =
        /^contrast_grpc_server_handling_seconds_bucket\{le="(.+?)",.*MeshAPI.*\} (\d+)$/.exec(line) ?? [];
      return le === undefined ? [] : [`${le} ${count}`];
    });
    const below = ["0.0001 0", "0.0005 0", "0.001 0"];
    const above = ["0.005", "0.01", "0.05", "0.1", "0.5", "1", "2.5", "5", "+Inf"].map((le) => `${le} 1`);
    expect(buckets).toEqual([...below, ...above]);
  });

  test("counts calls, refused workloads, generations and scrapes", async () => {
    const metrics = createMetrics();
    const call = ["edgelesssys.contrast.userapi.UserAPI", "SetManifest"] as const;
    metrics.observer.started(...call);
    metrics.observer.received(...call);
    metrics.observer.sent(...call);
    metrics.observer.handled(...call, "PermissionDenied", 0.1);
    for (const failure of [metrics.attestationFailures, metrics.attestationUnchecked]) failure.inc();
    metrics.generation.set(3);
    await metrics.scrape();
    const lines = await linesOf(metrics);
    for (const name of ["started_total", "msg_received_total", "msg_sent_total", "handling_seconds_count"]) {
      expect(lines).toContain(`contrast_grpc_server_${name}{${USER}} 1`);
    }
    expect(lines).toContain(`contrast_grpc_server_handled_total{${USER},grpc_code="PermissionDenied"} 1`);
    for (const name of ["failures", "unchecked"]) {
      expect(lines).toContain(`contrast_meshapi_attestation_${name}_total 1`);
    }
    expect(lines).toContain("contrast_coordinator_manifest_generation 3");
    expect(lines).toContain('promhttp_metric_handler_requests_total{code="200"} 1');
    expect(lines).toContain("promhttp_metric_handler_requests_in_flight 1");
  });
});
