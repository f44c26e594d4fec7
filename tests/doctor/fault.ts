import type { DoctorOptions, DoctorServices } from "../../src/doctor/doctor-options.ts";
import type { DoctorScene } from "../fakes/doctor-scene.ts";

/** What is wrong, everything that is found then (such as `error keys.workload-owner`), and how it comes about. */
export type Fault = readonly [fault: string, findings: readonly string[], make: MakeFault];

type MakeFault = (
  scene: DoctorScene,
) => { readonly options?: Partial<DoctorOptions>; readonly services?: Partial<DoctorServices> } | void;

/** Another call of the doctor. */
export function options(change: Partial<DoctorOptions>): { readonly options: Partial<DoctorOptions> } {
  return { options: change };
}

export const HOUR_MS = 60 * 60 * 1000;

/** A time so far from now. */
export function later(ms: number): Date {
  return new Date(Date.now() + ms);
}
