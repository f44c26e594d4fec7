import { RegorusInstance } from "./regorus-instance.ts";

/**
 * One instance of the engine for sessions that take turns: whoever calls after another one loads its policy first. A
 * broken instance is replaced.
 */
export class SharedInstance {
  readonly #module: WebAssembly.Module;
  #instance: RegorusInstance | undefined;
  #owner: object | undefined;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  /** Bytes of memory that the instance holds; they are never given back. */
  get memoryBytes(): number {
    return this.#instance?.memoryBytes ?? 0;
  }

  /**
   * The instance, holding what its owner needs.
   *
   * @param load called when the instance is new or was another one's
   */
  forOwner(owner: object, load: (instance: RegorusInstance) => void): RegorusInstance {
    if (this.#instance === undefined || this.#instance.isBroken) {
      this.#instance = new RegorusInstance(this.#module);
      this.#owner = undefined;
    }
    if (this.#owner !== owner) {
      this.#owner = undefined;
      load(this.#instance);
      this.#owner = owner;
    }
    return this.#instance;
  }
}
