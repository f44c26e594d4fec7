import type { Problems } from "../lib/problems.ts";
import { judgeRequestSize, type RequestSize } from "../manifest/judge-request-size.ts";

/** Says early what `set` would say late: that not every Coordinator takes manifest and policies in one request. */
export function warnAboutRequest(size: RequestSize, manifestPath: string, problems: Problems): void {
  const advice = judgeRequestSize(size);
  if (advice === undefined) return;
  const { message, hint } = advice;
  problems.warn({ code: "generate/request-large", file: manifestPath, message, hint });
}
