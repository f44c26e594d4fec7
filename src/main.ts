import { PROGRAM } from "./cli/root-definition.ts";
import { runContrast } from "./cli/run-contrast.ts";

void runContrast(PROGRAM, process.argv.slice(2));
