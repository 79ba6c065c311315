import type { Place } from './place.ts';
import { countRows, deleteRows, insertRows, isStored, readCdrs, renamed } from './stored.ts';

const CONNECTIONS_AT_ONCE = 32;

/** CDRs a second that were answered 2xx and are in table `cdr`: posted as fast as they are answered. */
export async function measureCdrs({ name, client, cdrs }: Place, calls: number): Promise<number> {
  const { posts, lastLegs } = await cdrs.ask('rehearse', { calls });
  const [before, legsBefore] = [await countRows(client, 'cdr'), await countRows(client, 'legs')];
  const began = performance.now();
  const sent = await cdrs.ask('send', { atOnce: CONNECTIONS_AT_ONCE });
  if (sent.accepted !== posts) throw new Error(`${name}: ${sent.accepted} of ${posts} CDRs were accepted`);
  await isStored(client, { table: 'cdr', rows: before + posts, lastLegs });
  const seconds = (performance.now() - began) / 1000;
  await isStored(client, { table: 'legs', rows: legsBefore + posts, lastLegs });
  note(
    `${name}: ${posts} CDRs answered in ${sent.seconds.toFixed(2)} s, stored after ${seconds.toFixed(2)} s, `,
    sent,
  );
  return posts / seconds;
}

/** Rows a second of bare multi-row INSERTs of the same rows into the same table. */
export async function measureBareCdrs({ client }: Place, count: number): Promise<number> {
  const rows = renamed(await readCdrs(client, count));
  const began = performance.now();
  await insertRows(client, 'cdr', rows);
  const seconds = (performance.now() - began) / 1000;
  await deleteRows(client, 'cdr', rows);
  return rows.length / seconds;
}

/** For a person: how much the sending itself cost. */
export function note(what: string, { cpuSeconds }: { cpuSeconds: number }): void {
  process.stderr.write(`${what}${cpuSeconds.toFixed(2)} s of CPU spent on sending\n`);
}
