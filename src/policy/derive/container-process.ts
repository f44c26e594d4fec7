import { deriveArguments } from "./arguments.ts";
import { deriveCapabilities } from "./capabilities.ts";
import { reported, type ContainerSource } from "./container-source.ts";
import { deriveEnvironment, undefinedMessage } from "./environment.ts";
import { resolveImports, resolveVariables } from "./environment-sources.ts";
import type { PodContext } from "./pod-context.ts";
import type { PolicyProcess, PolicyUser } from "../policy-data.ts";
import { deriveIdentity, type Identity } from "./process-user.ts";

/**
 * Derives the process of a container.
 *
 * @see kata-containers `src/tools/genpolicy/src/policy.rs`; containerd `pkg/cri/opts`
 */
export async function deriveProcess(context: PodContext, source: ContainerSource): Promise<PolicyProcess> {
  const { container, image, path, isPause } = source;
  const { settings } = context;
  const template = isPause ? settings.pause_container.Process : settings.other_container.Process;
  const security = container.securityContext ?? {};
  const Terminal = container.tty ?? image.config.Tty ?? false;

  const environment = deriveEnvironment({
    isPause,
    terminal: container.tty === true,
    image: image.config.Env,
    entries: resolveVariables(context, container, path),
    imported: resolveImports(context, container, path),
    template: template.Env,
  });
  for (const { code, origin, message } of environment.findings) {
    const at = typeof origin === "number" ? ["env", origin] : origin === "envFrom" ? ["envFrom"] : ["image"];
    const finding = { code, path: [...path, ...at], message };
    if (code === "policy/variable-undefined") context.warn(finding);
    else context.error(finding);
  }

  const line = deriveArguments({
    command: container.command,
    args: container.args,
    imageEntrypoint: image.config.Entrypoint ?? [],
    imageCmd: image.config.Cmd ?? [],
    template: template.Args,
    variables: environment.variables,
  });
  for (const { code, list, index, subject } of line.findings) {
    const at = [...path, ...(list === "image" ? ["image"] : [list, index])];
    if (code === "policy/variable-undefined") context.warn({ code, path: at, message: undefinedMessage(subject) });
    else context.error({ code, path: at, message: `contains ${subject}, which policies use for their own values` });
  }

  return {
    Terminal,
    User: await deriveUser(context, source),
    ...(line.args.length === 0 ? {} : { Args: line.args }),
    ...(environment.env.length === 0 ? {} : { Env: environment.env }),
    Cwd: container.workingDir || image.config.WorkingDir || "/",
    Capabilities: deriveCapabilities(
      {
        privileged: security.privileged === true,
        add: security.capabilities?.add ?? [],
        drop: security.capabilities?.drop ?? [],
      },
      settings.common,
    ),
    NoNewPrivileges: security.allowPrivilegeEscalation === undefined ? false : !security.allowPrivilegeEscalation,
  };
}

async function deriveUser(context: PodContext, source: ContainerSource): Promise<PolicyUser> {
  const { container, image, path, isPause } = source;
  const pod = context.view.podSpec.securityContext ?? {};
  const identity = await reported(
    context,
    [...path, ...(isPause ? [] : ["image"])],
    deriveIdentity({
      isPause,
      imageUser: image.config.User ?? "",
      pod,
      container: container.securityContext ?? {},
      accounts: () => image.accounts(),
    }),
  );
  if (identity === undefined) return { UID: 0, GID: 0, AdditionalGids: [], Username: "" };
  if (identity.unknownName !== undefined) {
    context.error({
      code: "policy/user-unresolved",
      path: [...path, ...(isPause ? [] : ["image"])],
      message: `image "${image.reference}" runs as "${identity.unknownName}", which its account files do not contain`,
      hint: "Set runAsUser and runAsGroup in the securityContext.",
    });
  } else if (!isPause && context.settings.cluster_config.guest_pull) {
    warnAboutImplicitIdentity(context, source, identity);
  }
  return identity.user;
}

/** With images that only the guest unpacks, the host learns users and groups from nowhere but the YAML. */
function warnAboutImplicitIdentity(
  context: PodContext,
  { container, image, path }: ContainerSource,
  identity: Identity,
): void {
  const pod = context.view.podSpec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const { UID, GID } = identity.user;
  const missing = [
    ...(UID !== 0 && (own.runAsUser ?? pod.runAsUser) === undefined ? [`runAsUser: ${UID}`] : []),
    ...(GID !== 0 && (own.runAsGroup ?? pod.runAsGroup) === undefined ? [`runAsGroup: ${GID}`] : []),
    ...(identity.imageGroups.length > 0 ? [`supplementalGroups: [${identity.imageGroups.join(", ")}]`] : []),
  ];
  if (missing.length === 0) return;
  context.warn({
    code: "policy/identity-implicit",
    path: [...path, "image"],
    message: `user and groups come from image "${image.reference}", which the host cannot read when the guest pulls it`,
    hint: `Write ${missing.join(", ")} into the securityContext.`,
  });
}
