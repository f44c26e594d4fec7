import * as v from "valibot";

/** Refuses lists, which the library takes for objects; put before `v.object` or `v.record` in a pipe. */
export const jsonObject = v.pipe(
  v.unknown(),
  v.check((value) => typeof value === "object" && value !== null && !Array.isArray(value), "not an object"),
);
