import type { Figure } from './figure.ts';
import { Scope } from './main/scope.ts';

/** How much is measured: the median of so many rounds, each so long. */
export interface Effort {
  rounds: number;
  seconds: number;
}

/** The parts of a bench by name, each on a stack of its own. */
export type Parts = Readonly<Record<string, (scope: Scope, effort: Effort) => Promise<Figure[]>>>;

/** Runs the parts of a bench: `--only NAME` runs one; `--rounds N` and `--seconds N` (of each measurement) change the effort. */
export async function* runParts(
  parts: Parts,
  { only, rounds = '5', seconds = '3' }: Readonly<Record<string, string>>,
): AsyncIterable<Figure> {
  const effort = { rounds: Number(rounds), seconds: Number(seconds) };
  for (const [name, measure] of Object.entries(parts)) {
    if (only !== undefined && only !== name) continue;
    const scope = new Scope();
    try {
      yield* await measure(scope, effort);
    } finally {
      await scope.close();
    }
  }
}
