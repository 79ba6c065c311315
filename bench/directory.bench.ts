import { httpFigures } from './directory/http-figures.ts';
import { manyFigures } from './directory/many-figures.ts';
import type { Bench } from './figure.ts';
import { runParts } from './parts.ts';

export const bench: Bench = {
  name: 'directory',
  description: 'directory lookups a second, their latency, 200,000 users in memory, how soon a change shows',
  run: (options) => runParts({ http: httpFigures, '200k': manyFigures }, options),
};
