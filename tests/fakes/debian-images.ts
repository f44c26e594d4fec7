import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Directory into which `.ci/run` unpacks Debian's packages of firmware and kernels. */
const IMAGES = join(tmpdir(), "contrast-debian-images");

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

/** Kernels of Debian's packages, by path; none where they are not unpacked. */
export function debianKernels(): readonly string[] {
  return existsSync(IMAGES)
    ? [...new Bun.Glob("boot/vmlinuz*").scanSync({ cwd: IMAGES, absolute: true })].toSorted()
    : [];
}
