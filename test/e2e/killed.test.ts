import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { createClock } from '../../libs/clock/clock.ts';
import { Fleet } from '../support/simulator/fleet.ts';
import { loadRecording } from '../support/simulator/recording.ts';
import { freePort } from '../support/stack/free-port.ts';
import { until } from '../support/until.ts';
import { addNodes } from './product.ts';
import { makeDataDirectory, startStandalone } from './standalone.ts';

const RATE = 10;
const LEGS = 51;

test('kill -9 of standalone in the middle of run 01, then start: every CDR that got a 2xx is stored once', async (t) => {
  const dataDir = makeDataDirectory(t);
  const began = Date.now();
  const environment = {
    CLOCK_START: String(began),
    CLOCK_RATE: String(RATE),
    CDR_PORT: String(await freePort()),
  };
  const first = await startStandalone(t, { dataDir, environment });
  const errLogDir = join(dataDir, 'spool');
  const delivery = { credentials: first.freeswitch, retries: 2, delayMs: 2_000, errLogDir };
  const fleet = new Fleet({
    recording: loadRecording('run-01'),
    clock: createClock({ began, rate: RATE }),
    password: 'ClueCon',
    cdr: { ...delivery, urls: [`${first.cdrUrl}/cdr`] },
    jsonCdr: { ...delivery, urls: [`${first.cdrUrl}/json-cdr`] },
  });
  t.after(() => fleet.stop());
  await fleet.start();
  await addNodes(first, fleet.nodes, 'ClueCon');
  await fleet.subscribed();
  const playing = fleet.replay({ ending: 'stay' });
  await until('20 CDRs are accepted', () => fleet.ledger.counts.accepted >= 20, 60_000);
  process.kill(first.child.pid, 'SIGKILL');
  await first.child.ended();

  const second = await startStandalone(t, { dataDir, environment });
  assert.match(second.child.output(), /recovered/, 'the orphaned database was stopped and recovered');
  await playing.finished;
  const spooled = readdirSync(errLogDir, { recursive: true }).length;
  assert.ok(fleet.ledger.acceptedUuids().size + spooled >= LEGS, 'what nobody accepted is in the spool');
  const acceptedBefore = fleet.ledger.counts.accepted;
  await fleet.load({ cps: 1, seconds: 20 }).finished;
  const accepted = fleet.ledger.acceptedUuids();
  assert.ok(fleet.ledger.counts.accepted > acceptedBefore, 'CDRs are accepted after the restart');

  const client = new pg.Client({ connectionString: second.databaseUrl });
  await client.connect();
  const stored = async () =>
    (await client.query<{ uuid: string }>('SELECT uuid::text FROM cdr')).rows
      .map(({ uuid }) => uuid)
      .toSorted();
  try {
    const missing = async () => accepted.size - (await stored()).filter((uuid) => accepted.has(uuid)).length;
    await until('all accepted CDRs are stored', async () => (await missing()) <= 0, 60_000);
    const legs = await stored();
    assert.deepEqual(legs, [...new Set(legs)], 'each leg once');
    // What was durable when the process died, but not answered yet, is in the spool as well, and in the store.
    const others = legs.filter((uuid) => !accepted.has(uuid));
    for (const uuid of others) assert.ok(fleet.ledger.of(uuid).length > 0, `nobody posted ${uuid}`);
  } finally {
    await client.end();
  }
});
