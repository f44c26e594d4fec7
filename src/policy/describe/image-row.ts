import type { ContainerView } from "../policy-view.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import type { Origin, Row } from "./description.ts";
import { unknownOrigin } from "./pod-source.ts";
import { hasLayerHashes } from "./storage-sections.ts";

const WITH_DIGEST = /@sha256:[0-9a-f]{64}$/;

type Verification = Pick<Row, "room"> & { readonly note: string };

/** The image of a container, and how the policy ties the container to it. */
export function imageRow(inputs: ContainerInputs): Row {
  const { view, policy, isEmbeddedRules } = inputs;
  const verification = isEmbeddedRules ? verificationOf(view, policy.imageVerification) : foreignVerificationOf(view);
  const value = view.image ?? (view.isSandbox ? "the pause image" : "any");
  return { subject: "Image", value, ...verification, origin: originOf(inputs) };
}

function verificationOf(view: ContainerView, imageVerification: string | undefined): Verification {
  if (imageVerification === "tardev") {
    if (hasLayerHashes(view)) return { room: "fixed", note: "the root hash of every layer is checked" };
    return { room: "any", note: "the policy names no root hashes of its layers" };
  }
  if (imageVerification !== "guest-pull") {
    return { room: "any", note: "the settings verify no images, so the host decides what runs" };
  }
  if (view.isSandbox) return { room: "fixed", note: "part of the measured guest" };
  if (view.image === undefined)
    return { room: "fixed", note: "the policy names none, so the container does not start" };
  const pinned = WITH_DIGEST.test(view.image);
  return {
    room: "fixed",
    note: pinned ? "the guest pulls it and checks the digest" : "without a digest the container does not start",
  };
}

function foreignVerificationOf(view: ContainerView): Verification {
  if (hasLayerHashes(view)) {
    return { room: "fixed", note: "by the root hashes of its layers; whether they are checked depends on the rules" };
  }
  if (view.image === undefined) return { room: "any", note: "the policy names no image" };
  if (WITH_DIGEST.test(view.image))
    return { room: "fixed", note: "whether the digest is checked depends on the rules" };
  return { room: "any", note: "without a digest the host or the registry decides what runs" };
}

function originOf({ view, source, inYaml }: ContainerInputs): Origin {
  if (source !== undefined && inYaml !== undefined) return source.field([...inYaml.path, "image"], "image");
  if (view.isSandbox) return { source: "settings", detail: "cluster_config.pause_container_image" };
  return unknownOrigin("YAML");
}
