import type { Bench, Figure } from './figure.ts';
import { Scope } from './main/scope.ts';
import { httpFigures } from './routing/http-figures.ts';
import { kamailioFigures } from './routing/kamailio-figures.ts';
import { millionFigures } from './routing/million-figures.ts';

const ROUNDS = '5';
const SECONDS = '3';

interface Effort {
  rounds: number;
  seconds: number;
}

const PARTS: Readonly<Record<string, (scope: Scope, effort: Effort) => Promise<Figure[]>>> = {
  http: httpFigures,
  kamailio: kamailioFigures,
  '1m': millionFigures,
};

/** `--only http`, `kamailio` or `1m` runs a part; `--rounds N` and `--seconds N` (of each measurement) change the effort. */
export const bench: Bench = {
  name: 'routing',
  description: 'lookups and whole decisions a second, calls through Kamailio, a million DIDs in memory',
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
