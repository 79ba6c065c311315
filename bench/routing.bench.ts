import type { Bench } from './figure.ts';
import { runParts } from './parts.ts';
import { httpFigures } from './routing/http-figures.ts';
import { kamailioFigures } from './routing/kamailio-figures.ts';
import { millionFigures } from './routing/million-figures.ts';

export const bench: Bench = {
  name: 'routing',
  description: 'lookups and whole decisions a second, calls through Kamailio, a million DIDs in memory',
  run: (options) => runParts({ http: httpFigures, kamailio: kamailioFigures, '1m': millionFigures }, options),
};
