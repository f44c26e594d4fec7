import { createHash } from "node:crypto";

const POLICY = "io.katacontainers.config.agent.policy";

/** Texts of all policy annotations in a YAML text, in order. */
export function policyTexts(yaml: string): readonly string[] {
  const annotations = yaml.matchAll(new RegExp(`${POLICY.replaceAll(".", "\\.")}["']?: +["']?([A-Za-z0-9+/=]+)`, "g"));
  return [...annotations].map(([, base64 = ""]) => Buffer.from(base64, "base64").toString());
}

/** What the one policy in a YAML text says about its workload. */
export function policyData(yaml: string): PolicyDataJson {
  const [text = "", ...others] = policyTexts(yaml);
  if (others.length > 0) throw new Error(`got ${others.length + 1} policies, need 1`);
  return JSON.parse(text.slice(text.lastIndexOf("\npolicy_data := ") + "\npolicy_data := ".length)) as PolicyDataJson;
}

/** The key of a policy in the manifest. */
export function hashOf(policy: string): string {
  return createHash("sha256").update(policy).digest("hex");
}

/** Policy data as far as tests look at it. */
interface PolicyDataJson {
  readonly containers: readonly {
    readonly image?: string;
    readonly OCI: {
      readonly Process: {
        readonly Args: readonly string[];
        readonly Env: readonly string[];
        readonly User: { readonly UID: number; readonly GID: number };
      };
      readonly Mounts: readonly { readonly destination: string; readonly source: string }[];
    };
  }[];
}
