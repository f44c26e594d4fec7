import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Directory into which `.ci/run` unpacks Debian's packages of firmware and kernels. */
const IMAGES = join(tmpdir(), "contrast-debian-images");

/** Later OVMF than `.ci/run` installs: packages of Debian's later releases, each release unpacked in a folder here. */
const LATER_IMAGES = process.env["CONTRAST_LATER_FIRMWARE"] ?? join(tmpdir(), "contrast-debian-images-sid");

/** What a test says it needs where they are missing. */
export const DEBIAN_IMAGES_NEED = `need Debian's ovmf and kernels unpacked in ${IMAGES}`;

/**
 * A firmware image of Debian's package `ovmf`.
 *
 * @param name below `/usr/share`, such as `ovmf/OVMF.fd` or `OVMF/OVMF_CODE_4M.fd`
 * @returns its path; undefined where it is not unpacked
 */
export function debianFirmware(name: string): string | undefined {
  const path = join(IMAGES, "usr/share", name);
  return existsSync(path) ? path : undefined;
}

/**
 * Images of later OVMF, by path; none where nobody has put them there, and then says so in a line.
 *
 * @param names pattern below `usr/share`; whole images by default
 */
export function laterFirmware(subject: string, names = "ovmf/OVMF*.fd"): readonly string[] {
  const found = existsSync(LATER_IMAGES)
    ? [
        ...new Bun.Glob(`*/usr/share/${names}`).scanSync({ cwd: LATER_IMAGES, absolute: true, followSymlinks: false }),
      ].toSorted()
    : [];
  // No release of Debian that CI installs has them, so their absence is no failure there.
  if (found.length === 0) console.warn(`skipped: ${subject}: no later OVMF in ${LATER_IMAGES}`);
  return found;
}

/** Kernels of Debian's packages, by path; none where they are not unpacked. */
export function debianKernels(): readonly string[] {
  return existsSync(IMAGES)
    ? [...new Bun.Glob("boot/vmlinuz*").scanSync({ cwd: IMAGES, absolute: true })].toSorted()
    : [];
}
