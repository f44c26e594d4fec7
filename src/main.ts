import { runContrast } from "./cli/run-contrast.ts";

void runContrast(process.argv.slice(2));
