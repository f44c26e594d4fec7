import { request as httpRequest } from "node:http";
import { LOOPBACK } from "./loopback-port.ts";

/** One exchange with a process of the sandbox, past all proxies. */
export interface LoopbackRequest {
  readonly port: number;
  readonly method: "GET" | "POST";
  readonly path: string;
  /** May carry credentials. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/**
 * Asks and reads the whole answer.
 *
 * @returns the body of an answer with status 200
 * @throws Error for everything else
 */
export function loopbackRequest(options: LoopbackRequest): Promise<string> {
  const { port, method, path, body = "", timeoutMs, maxBytes } = options;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { ...options.headers, "content-length": String(Buffer.byteLength(body)) };
  const call = httpRequest({ host: LOOPBACK, port, method, path, headers, agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > maxBytes) call.destroy(new Error(`the answer is longer than ${maxBytes} characters`));
    });
    response.on("error", reject);
    response.on("end", () => {
      if (response.statusCode === 200) resolve(text);
      else reject(new Error(`it answered ${response.statusCode}`));
    });
  });
  const timer = setTimeout(() => call.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  call.on("error", reject);
  call.on("close", () => {
    clearTimeout(timer);
    reject(new Error("the connection was closed"));
  });
  call.end(body);
  return promise;
}
