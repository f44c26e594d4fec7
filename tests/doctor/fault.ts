import { ContrastError } from "../../src/lib/errors.ts";
import type { ImageProvider } from "../../src/oci/image.ts";
import type { DoctorOptions, DoctorServices } from "../../src/doctor/doctor-options.ts";
import type { DoctorScene } from "../fakes/doctor-scene.ts";

/** What is wrong, everything that is found then (such as `error keys.workload-owner`), and how it comes about. */
export type Fault = readonly [fault: string, findings: readonly string[], make: MakeFault];

/** Makes something wrong; returns what differs in the call of the doctor. */
export type MakeFault = (
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

/** Nothing is at hand, so that it cannot be told what generate would change. */
const NO_IMAGES: ImageProvider = {
  image: async (reference) => {
    throw new ContrastError("oci/offline-missing", `Cannot load image "${reference}": it is not at hand`);
  },
};
/** A call of the doctor for which no image is at hand. */
export const WITHOUT_IMAGES = { services: { images: NO_IMAGES } };
