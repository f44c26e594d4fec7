import * as v from "valibot";
import { runProgram } from "../../lib/run-program.ts";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { parseJson } from "../../lib/json.ts";
import type { Credentials } from "./auth-file.ts";

const HELPER_TIMEOUT_MS = 60_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** User name by which a helper says that the secret is an identity token. */
const TOKEN_USER = "<token>";

const answer = v.object({ Username: v.string(), Secret: v.string() });

/**
 * Asks a credential helper (`docker-credential-NAME get`) for one registry.
 *
 * @param name checked by the auth file's parser: no path
 * @param server as the helper knows it: the host, or `https://index.docker.io/v1/` for Docker Hub
 * @param env whole environment of the helper
 * @returns undefined when the helper knows no credentials
 * @throws ContrastError `oci/credential-helper-failed`; neither answer nor output is quoted
 * @see docker/docker-credential-helpers, README, "Development"
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  const refuse = (fact: string, cause?: unknown): ContrastError =>
    new ContrastError("oci/credential-helper-failed", `Cannot ask "${program}" about "${server}": ${fact}`, {
      cause,
      hint: `Check that "${program}" is installed and works: echo ${server} | ${program} get`,
      details: { program, server },
    });
  let result;
  try {
    const options = { input: server, env, timeoutMs: HELPER_TIMEOUT_MS, maxOutputBytes: MAX_ANSWER_BYTES, signal };
    result = await runProgram(program, ["get"], options);
  } catch (error) {
    throw refuse(messageOf(error), error);
  }
  if (result.exitCode !== 0) {
    if (/credentials not found/i.test(result.stdout)) return undefined;
    throw refuse(`it ended with exit status ${result.exitCode}`);
  }
  const parsed = v.safeParse(answer, parseAnswer(result.stdout));
  if (!parsed.success) throw refuse("its answer has no user name and secret");
  const { Username, Secret } = parsed.output;
  if (Username === TOKEN_USER) return { kind: "identity-token", token: Secret };
  return Username === "" ? undefined : { kind: "password", username: Username, password: Secret };
}

function parseAnswer(text: string): unknown {
  try {
    return parseJson(text, "answer", { maxBytes: MAX_ANSWER_BYTES, maxDepth: 4 });
  } catch {
    return undefined;
  }
}
