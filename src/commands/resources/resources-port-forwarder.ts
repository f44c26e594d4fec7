import { embeddedImageReplacements } from "../../generate/image-replacements.ts";
import { readTables } from "../../generate/manifest-inputs.ts";
import { discoverYamlFiles } from "../../kubernetes/discover-yaml-files.ts";
import { type InputFile, MAX_YAML_BYTES, parseInput, readInput } from "../../kubernetes/input-set.ts";
import { ContrastError } from "../../lib/errors.ts";
import { findingsOf } from "../../lib/finding.ts";
import { Problems } from "../../lib/problems.ts";
import { forwardedServices, parsePorts } from "../../resources/forwarded-services.ts";
import { parseForwardedName, parseNamespace } from "../../resources/object-name.ts";
import { type ForwardedService, portForwarder } from "../../resources/port-forwarder.ts";
import { createImageTable } from "../../resources/release-images.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { assertOneStandardInput, STANDARD_INPUT } from "../read-input.ts";
import { printResources, unpinnedImages } from "./print-resources.ts";
import { platformFlag } from "./resource-choices.ts";

/** `contrast resources port-forwarder`; its definition is in `resources-definition.ts`. */
export const resourcesPortForwarderCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    if (flags.isSet("platform")) platformFlag(flags);
    const namespace = parseNamespace(flags.string("namespace"));
    const { images: named } = await readTables({
      imageReplacementsPath: flags.string("image-replacements") || undefined,
      referenceValuesPath: undefined,
    });
    const problems = new Problems();
    const services =
      positionals.length === 0 ? namedServices(flags) : await readServices(positionals, flags, io, problems);
    const images = createImageTable(named, embeddedImageReplacements());
    const pods = services.map((service) =>
      portForwarder({ ...service, namespace: namespace ?? service.namespace }, images),
    );
    const found = [...findingsOf([], problems.warnings), ...unpinnedImages(pods)];
    const fields = { namespace: namespace ?? null };
    await printResources("resources-port-forwarder", pods, fields, found, flags, io);
  },
};

function namedServices(flags: ParsedFlags): readonly ForwardedService[] {
  const ports = parsePorts(flags.strings("port"));
  const names = new Set(flags.strings("service").map(parseForwardedName));
  return [...names].map((name) => ({ name, namespace: undefined, ports }));
}

async function readServices(
  paths: readonly string[],
  flags: ParsedFlags,
  io: Io,
  problems: Problems,
): Promise<readonly ForwardedService[]> {
  if (flags.isSet("port")) {
    const message = 'invalid argument for "--port" flag: with paths, the ports are those of the Services';
    throw new UsageError("terminal/invalid-argument", message);
  }
  const files = await readFiles(paths, io, problems);
  const objects = files.flatMap((file) => file.objects);
  const services = forwardedServices(objects, flags.isSet("service") ? flags.strings("service") : [], problems);
  problems.throwIfAny("Cannot read Services");
  if (services.length > 0) return services;
  throw new ContrastError("resources/nothing-to-forward", "Cannot find Services: the input has none with a TCP port", {
    hint: "Name the YAML of the Services, or leave the paths out and give --service and --port.",
  });
}

async function readFiles(paths: readonly string[], io: Io, problems: Problems): Promise<readonly InputFile[]> {
  assertOneStandardInput(paths);
  const files: InputFile[] = [];
  const add = (file: InputFile | undefined): void => {
    if (file !== undefined) files.push(file);
  };
  const named = paths.filter((path) => path !== STANDARD_INPUT);
  const found = named.length === 0 ? [] : await discoverYamlFiles(named, (problem) => problems.error(problem));
  for (const path of found) add(await readInput(path, problems));
  if (named.length < paths.length) add(parseInput(await io.readInput(MAX_YAML_BYTES), STANDARD_INPUT, problems));
  return files;
}
