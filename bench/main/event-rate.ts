import { note } from './cdr-rate.ts';
import type { Place } from './place.ts';
import {
  allLegsEnded,
  countRows,
  deleteRows,
  insertRows,
  isStored,
  readEvents,
  readLegs,
  renamed,
} from './stored.ts';

/** Events a second that one node sent and that are folded into `legs`: sent as fast as the collector reads. */
export async function measureEvents({ name, client, events }: Place, calls: number): Promise<number> {
  const { events: count, legs, lastLegs } = await events.ask('rehearse', { calls });
  const [before, legsBefore] = [await countRows(client, 'leg_events'), await countRows(client, 'legs')];
  const began = performance.now();
  const sent = await events.ask('send', undefined);
  // An event is stored in the transaction that folds it into its leg.
  await isStored(client, { table: 'leg_events', rows: before + count, lastLegs });
  const seconds = (performance.now() - began) / 1000;
  await isStored(client, { table: 'legs', rows: legsBefore + legs, lastLegs });
  await allLegsEnded(client);
  note(
    `${name}: ${count} events of ${legs} legs read in ${sent.seconds.toFixed(2)} s, in legs after ${seconds.toFixed(2)} s, `,
    sent,
  );
  return count / seconds;
}

/** Events a second if PostgreSQL did nothing but take such rows of `leg_events` and `legs` by multi-row INSERTs. */
export async function measureBareEvents({ client }: Place, count: number): Promise<number> {
  const stored = await readLegs(client, count);
  const names = new Map<string, string>();
  const legs = renamed(stored, names);
  const events = renamed(await readEvents(client, stored), names);
  const began = performance.now();
  await insertRows(client, 'legs', legs);
  await insertRows(client, 'leg_events', events);
  const seconds = (performance.now() - began) / 1000;
  await deleteRows(client, 'legs', legs);
  await deleteRows(client, 'leg_events', events);
  return events.length / seconds;
}
