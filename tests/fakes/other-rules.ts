import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Rules that were not written for this program, in both versions of Rego; by version. */
export const OTHER_RULES: Readonly<Record<"v0" | "v1", string>> = { v0: rulesOf("v0"), v1: rulesOf("v1") };

function rulesOf(version: "v0" | "v1"): string {
  return readFileSync(join(import.meta.dir, "other-rules", `${version}.rego`), "utf8");
}

/** Data for such rules, as a generator would append them. */
const OTHER_DATA = JSON.stringify(
  {
    containers: [
      {
        OCI: {
          Process: { Args: ["serve", "--port=80"], Cwd: "/app", NoNewPrivileges: true, Env: ["MODE=production"] },
          Root: { Readonly: true },
        },
      },
    ],
    request_defaults: { ExecProcessRequest: { allowed_commands: ["cat /tmp/ready"] } },
  },
  null,
  2,
);

/** A request that the rules allow, with changes. */
export function otherContainer(id: string, namespace: string, env: readonly string[] = ["MODE=production"]) {
  return {
    container_id: id,
    OCI: {
      Annotations: { "io.kubernetes.cri.sandbox-namespace": namespace },
      Process: { Args: ["serve", "--port=80"], Cwd: "/app", NoNewPrivileges: true, Env: [...env, "HOSTNAME=web"] },
      Root: { Readonly: true },
    },
  };
}

/** A whole policy of another author. */
export const otherPolicy = (version: "v0" | "v1"): string => `${OTHER_RULES[version]}\npolicy_data := ${OTHER_DATA}`;
