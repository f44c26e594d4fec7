import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";

const NOTHING: JsonObject = {};

/** Most faults that are remembered; a document of another form has as many as it has members. */
const MAX_FAULTS = 100;

/**
 * Reads JSON of an uncertain form: what is missing or null is empty, what has another type is empty and remembered with
 * its path.
 */
export class ViewReader {
  readonly faults: string[] = [];

  fault(path: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(path);
  }

  map(value: Json | undefined, path: string): JsonObject {
    if (isJsonObject(value)) return value;
    return this.#empty(value, path, NOTHING);
  }

  list(value: Json | undefined, path: string): readonly Json[] {
    if (isJsonList(value)) return value;
    return this.#empty(value, path, []);
  }

  text(value: Json | undefined, path: string): string {
    return typeof value === "string" ? value : this.#empty(value, path, "");
  }

  flag(value: Json | undefined, path: string): boolean {
    return typeof value === "boolean" ? value : this.#empty(value, path, false);
  }

  number(value: Json | undefined, path: string): number | undefined {
    return typeof value === "number" ? value : this.#empty(value, path, undefined);
  }

  texts(value: Json | undefined, path: string): readonly string[] {
    return this.list(value, path).flatMap((item, index) => {
      if (typeof item === "string") return [item];
      this.fault(`${path}[${index}]`);
      return [];
    });
  }

  numbers(value: Json | undefined, path: string): readonly number[] {
    return this.list(value, path).flatMap((item, index) => {
      if (typeof item === "number") return [item];
      this.fault(`${path}[${index}]`);
      return [];
    });
  }

  /** Lists of texts; a text in place of a list is a list of one. */
  vectors(value: Json | undefined, path: string): readonly (readonly string[])[] {
    return this.list(value, path).map((item, index) =>
      typeof item === "string" ? [item] : this.texts(item, `${path}[${index}]`),
    );
  }

  textMap(value: Json | undefined, path: string): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const [key, text] of Object.entries(this.map(value, path))) {
      if (typeof text === "string") texts.set(key, text);
      else this.fault(`${path}[${JSON.stringify(key)}]`);
    }
    return texts;
  }

  #empty<Empty>(value: Json | undefined, path: string, empty: Empty): Empty {
    if (value !== undefined && value !== null) this.fault(path);
    return empty;
  }
}

function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
