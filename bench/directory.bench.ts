import { type Effort, httpFigures } from './directory/http-figures.ts';
import { manyFigures } from './directory/many-figures.ts';
import type { Bench, Figure } from './figure.ts';
import { Scope } from './main/scope.ts';

const ROUNDS = '5';
const SECONDS = '3';

const PARTS: Readonly<Record<string, (scope: Scope, effort: Effort) => Promise<Figure[]>>> = {
  http: httpFigures,
  '200k': manyFigures,
};

/** `--only http` or `200k` runs a part; `--rounds N` and `--seconds N` (of each measurement) change the effort. */
export const bench: Bench = {
  name: 'directory',
  description: 'directory lookups a second, their latency, 200,000 users in memory, how soon a change shows',
  async *run({ only, rounds = ROUNDS, seconds = SECONDS }): AsyncIterable<Figure> {
    const effort = { rounds: Number(rounds), seconds: Number(seconds) };
    for (const [name, measure] of Object.entries(PARTS)) {
      if (only !== undefined && only !== name) continue;
      const scope = new Scope();
      try {
        yield* await measure(scope, effort);
      } finally {
        await scope.close();
      }
    }
  },
};
