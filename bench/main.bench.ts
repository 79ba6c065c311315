import { type Bench, type Comparison, compareTogether, type Figure, figure, median } from './figure.ts';
import { measureBareCdrs, measureCdrs } from './main/cdr-rate.ts';
import { measureBareEvents, measureEvents } from './main/event-rate.ts';
import { openPlace, type Place, type PlaceName } from './main/place.ts';
import { measureReady } from './main/ready-time.ts';
import { Scope } from './main/scope.ts';

const PLACES: readonly PlaceName[] = ['standalone', 'kafka'];
const STARTS = 3;
const ROUNDS = 5;
const CDR_CALLS = 700;
const EVENT_CALLS = 700;
const WARM_UP = 0.5;

/**
 * The whole flow, on clones of recorded calls: `--place standalone` or `kafka` measures one of the two, `--rounds N`
 * changes how often, `--starts 0` leaves out the start.
 */
export const bench: Bench = {
  name: 'main',
  description: 'the whole flow: start, CDRs into cdr, events into legs; standalone and on Kafka',
  async *run({ place, rounds = String(ROUNDS), starts = String(STARTS) }): AsyncIterable<Figure> {
    if (Number(starts) > 0) yield await readyFigure(Number(starts));
    const names = PLACES.filter((name) => place === undefined || name === place);
    const scope = new Scope();
    try {
      const places = [];
      for (const name of names) places.push(await warmedUp(await openPlace(scope, name)));
      yield* await compareTogether(places.flatMap(comparisons), Number(rounds));
    } finally {
      await scope.close();
    }
  },
};

async function readyFigure(starts: number): Promise<Figure> {
  const seconds: number[] = [];
  for (let start = 0; start < starts; start += 1) seconds.push(await measureReady());
  return figure('main.ready_seconds', median(seconds), 's', 'lower');
}

/** Compiled code, planned statements, grown pools: and rows for the baselines. */
async function warmedUp(place: Place): Promise<Place> {
  await measureCdrs(place, CDR_CALLS * WARM_UP);
  await measureEvents(place, EVENT_CALLS * WARM_UP);
  return place;
}

function comparisons(place: Place): Comparison[] {
  return [
    {
      name: `main.cdrs_${place.name}`,
      unit: 'CDRs/s',
      better: 'higher',
      value: () => measureCdrs(place, CDR_CALLS),
      baseline: () => measureBareCdrs(place, CDR_CALLS),
    },
    {
      name: `main.events_${place.name}`,
      unit: 'events/s',
      better: 'higher',
      value: () => measureEvents(place, EVENT_CALLS),
      baseline: () => measureBareEvents(place, EVENT_CALLS),
    },
  ];
}
