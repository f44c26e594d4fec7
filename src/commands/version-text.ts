import { VERSION, VERSION_DETAILS } from "../lib/build-info.ts";

/** The text of `contrast --version`; its first line is stable, the rest is for people. */
export async function versionText(): Promise<string> {
  return `contrast version ${VERSION}\n${VERSION_DETAILS ?? (await renderDetails())}`;
}

async function renderDetails(): Promise<string> {
  const { renderVersionDetails, versionDetails } = await import("./version-details.ts");
  return renderVersionDetails(versionDetails());
}
