import { PROGRAM } from "./cli/root-definition.ts";
import { wordsOfCall } from "./cli/role-by-name.ts";
import { runContrast } from "./cli/run-contrast.ts";

void runContrast(PROGRAM, wordsOfCall(process.argv0, process.argv.slice(2)));
