import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { measureSnpDefinition } from "./measure-snp-definition.ts";
import { measureTdxDefinition } from "./measure-tdx-definition.ts";

/** `contrast measure`: launch measurements, computed instead of trusted. */
export const measureDefinition: CommandDefinition = {
  name: "measure",
  summary: "Compute the launch measurements of confidential VMs",
  subcommands: [measureSnpDefinition, measureTdxDefinition],
};
