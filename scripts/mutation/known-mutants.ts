/** Deleted steps that no test can notice, each with the reason. Names are prefixes of the mutants' names. */
export const KNOWN_MUTANTS: Readonly<Record<string, string>> = {};
