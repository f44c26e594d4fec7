/** One figure of a benchmark. */
export interface Measurement {
  /** Such as `start-up: --version`. */
  readonly name: string;
  readonly value: number;
  /** Such as `ms`, `MB`, `1/s`, or `x` for a ratio. */
  readonly unit: string;
  /** What the project promises; the run fails beyond it. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Hands a figure to the runner (`scripts/bench.ts`): one JSON object on a line of standard output. */
export function report(measurement: Measurement): void {
  console.log(JSON.stringify(measurement));
}

/** Whether a figure keeps its promise. */
export function keepsPromise({ value, atMost, atLeast }: Measurement): boolean {
  return value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY);
}
