import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Debian's package and program of the same name. */
export const BROWSER = "chromium-headless-shell";

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly request?: { readonly url: string }; readonly entry?: { readonly text: string } };
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** How a page is looked at. */
export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
  /** The screen, unless said otherwise. */
  readonly media?: "print";
}

/** One page in a headless Chromium of its own, steered through its debugging protocol. */
export class HeadlessPage {
  /** Addresses that the page asked for, the page itself first. */
  readonly requests: string[] = [];
  /** What the browser complained about, such as a violated content security policy. */
  readonly complaints: string[] = [];
  readonly #socket: WebSocket;
  readonly #end: () => Promise<void>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #events = new Map<string, () => void>();
  #lastId = 0;

  private constructor(socket: WebSocket, end: () => Promise<void>) {
    this.#socket = socket;
    this.#end = end;
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(String(data)) as Answer));
  }

  /** Starts the browser without network: every name resolves to nothing. */
  static async start(profileDirectory: string): Promise<HeadlessPage> {
    const flags = [
      "--no-sandbox",
      "--hide-scrollbars",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--host-resolver-rules=MAP * ~NOTFOUND",
      "--remote-debugging-port=0",
      `--user-data-dir=${profileDirectory}`,
      "about:blank",
    ];
    const program = spawn(BROWSER, flags, { stdio: ["ignore", "ignore", "pipe"] });
    const gone = new Promise<void>((resolve) => void program.once("exit", () => resolve()));
    let port = "";
    for await (const line of createInterface({ input: program.stderr })) {
      port = /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line)?.[1] ?? "";
      if (port !== "") break;
    }
    program.stderr.resume();
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      readonly type: string;
      readonly webSocketDebuggerUrl: string;
    }[];
    const target = targets.find(({ type }) => type === "page");
    const socket = new WebSocket(target!.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    const page = new HeadlessPage(socket, async () => {
      program.kill();
      await gone;
    });
    for (const domain of ["Page", "Network", "Runtime", "Log"]) await page.#call(`${domain}.enable`);
    return page;
  }

  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => void this.#events.set("Page.loadEventFired", resolve));
    await this.#call("Page.navigate", { url });
    await loaded;
  }

  async look({ width, height, scheme, media }: Screen): Promise<void> {
    await this.#call("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 500,
    });
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await this.#call("Emulation.setEmulatedMedia", { media: media ?? "screen", features });
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#call("Runtime.evaluate", { expression, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value: T }).value;
  }

  /** A picture of what the screen shows, as PNG. */
  async screenshot(): Promise<Uint8Array> {
    const { data } = await this.#call("Page.captureScreenshot", { format: "png" });
    return Uint8Array.fromBase64(String(data));
  }

  /** The page on paper, as PDF. */
  async print(): Promise<Uint8Array> {
    const { data } = await this.#call("Page.printToPDF", {});
    return Uint8Array.fromBase64(String(data));
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#end();
  }

  async #call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    const answer = new Promise<Answer>((resolve) => void this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  #receive(answer: Answer): void {
    if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    if (answer.method === "Network.requestWillBeSent") this.requests.push(answer.params?.request?.url ?? "");
    if (answer.method === "Log.entryAdded") this.complaints.push(answer.params?.entry?.text ?? "");
    if (answer.method !== undefined) this.#events.get(answer.method)?.();
  }
}
