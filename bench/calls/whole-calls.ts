import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { switchfleet } from '../../test/e2e/product.ts';
import { startStandalone } from '../../test/e2e/standalone.ts';
import { type Figure, figure, median } from '../figure.ts';
import { throwAwayFolder } from '../main/place.ts';
import type { Scope } from '../main/scope.ts';
import { Sender } from '../main/sender.ts';
import type { CallSender } from './call-sender-process.ts';

/** What is stored: events, legs whose CDR was folded in, and calls that are over. */
interface Stored {
  events: number;
  cdrs: number;
  calls: number;
}

interface WholePlace {
  client: pg.Client;
  sender: Sender<CallSender>;
}

const AT_ONCE = 32;
const POLL_MS = 50;
const PATIENCE_MS = 120_000;

/**
 * Whole calls a second in standalone: every event of every leg over one event socket and every CDR by HTTP, as fast as they
 * are taken, until all of it is in legs and calls.
 */
export async function wholeCalls(
  scope: Scope,
  { calls, rounds }: { calls: number; rounds: number },
): Promise<Figure> {
  const place = await openWholePlace(scope);
  await callsPerSecond(place, Math.ceil(calls / 2));
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) rates.push(await callsPerSecond(place, calls));
  return figure('calls.whole', median(rates), 'calls/s', 'higher');
}

async function openWholePlace(scope: Scope): Promise<WholePlace> {
  const product = await startStandalone(scope, { dataDir: await throwAwayFolder(scope) });
  const client = new pg.Client({ connectionString: product.databaseUrl });
  await client.connect();
  scope.after(() => client.end());
  const { username, password } = product.freeswitch;
  const target = [`${product.cdrUrl}/cdr`, username, password];
  const sender = new Sender<CallSender>(scope, '../calls/call-sender-process.ts', target);
  const node = await sender.ask('node', undefined);
  const address = ['--esl', `${node.host}:${node.port}`, '--esl-password', node.password];
  await switchfleet(product, 'node', 'add', node.switchname, ...address);
  await sender.ask('subscribed', undefined);
  return { client, sender };
}

async function callsPerSecond({ client, sender }: WholePlace, calls: number): Promise<number> {
  const { events, posts, lastLegs } = await sender.ask('rehearse', { calls });
  const before = await readStored(client);
  const began = performance.now();
  const { accepted } = await sender.ask('send', { atOnce: AT_ONCE });
  if (accepted !== posts) throw new Error(`${accepted} of ${posts} CDRs were accepted`);
  await untilFolded(client, lastLegs);
  await untilTold(client, before.events + events);
  const after = await untilStored(client, { events: before.events + events, cdrs: before.cdrs + posts });
  const seconds = (performance.now() - began) / 1000;
  const whole = after.calls - before.calls;
  process.stderr.write(`${whole} calls, ${events} events, ${posts} CDRs in ${seconds.toFixed(2)} s\n`);
  return whole / seconds;
}

/** Counting all rows costs the database more than storing them: it begins when the CDRs that were sent last are folded in. */
async function untilFolded(client: pg.Client, legs: readonly string[]): Promise<void> {
  await comesTo({ what: 'CDRs sent last that are folded in', wanted: legs.length }, async () => {
    const { rows } = await client.query<{ folded: number }>(
      `select count(*)::integer as folded from legs where uuid = any ($1) and json_typeof(evidence -> 'cdr') = 'object'`,
      [legs],
    );
    return rows[0]?.folded ?? 0;
  });
}

/** Events alone are counted quickly: a CDR is looked for in the evidence of every leg. */
async function untilTold(client: pg.Client, events: number): Promise<void> {
  await comesTo({ what: 'events stored', wanted: events }, async () => {
    const { rows } = await client.query<{ events: number }>(
      'select count(*)::integer as events from leg_events',
    );
    return rows[0]?.events ?? 0;
  });
}

async function untilStored(client: pg.Client, wanted: Pick<Stored, 'events' | 'cdrs'>): Promise<Stored> {
  let stored = await readStored(client);
  await comesTo(
    { what: 'events and CDRs stored', wanted: `${wanted.events} and ${wanted.cdrs}` },
    async () => {
      stored = await readStored(client);
      return `${stored.events} and ${stored.cdrs}`;
    },
  );
  return stored;
}

/** Asks again and again until the answer is what it should be. @throws Error with both, when it does not come to that */
async function comesTo<T>({ what, wanted }: { what: string; wanted: T }, ask: () => Promise<T>) {
  const patience = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await ask();
    if (seen === wanted) return;
    if (performance.now() > patience) throw new Error(`${what}: ${seen}, not ${wanted}`);
    await sleep(POLL_MS);
  }
}

async function readStored(client: pg.Client): Promise<Stored> {
  const { rows } = await client.query<Stored>(
    `select (select count(*) from leg_events)::integer as events,
       (select count(*) from legs where json_typeof(evidence -> 'cdr') = 'object')::integer as cdrs,
       (select count(*) from calls where end_at is not null and merged_into is null)::integer as calls`,
  );
  return rows[0] ?? { events: 0, cdrs: 0, calls: 0 };
}
