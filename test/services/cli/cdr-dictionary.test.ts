import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../../libs/freeswitch/cdr/kept-variables.ts';
import { parseCdr } from '../../../libs/freeswitch/cdr/parse-cdr.ts';
import { openDatabase } from '../../../libs/postgres/database.ts';
import type { CdrRecord } from '../../../libs/records/cdr-record.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { trainDictionary } from '../../../libs/store/dictionary/train.ts';
import { documentOf } from '../../../libs/store/document.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createWriter } from '../../../services/writer/writer.ts';
import { createWriterMetrics } from '../../../services/writer/writer-metrics.ts';
import { xmlCdr } from '../../libs/freeswitch/cdr/xml-cdr.ts';
import { switchfleet } from '../../support/command.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

const keepVariable = keptVariables(DEFAULT_KEPT_VARIABLES);

function read(body: Buffer): CdrRecord {
  const parsed = parseCdr(body, { receivedUs: 1_795_300_000_000_000, keepVariable });
  assert.ok('ok' in parsed);
  return parsed.ok;
}

/** CDRs of a fleet whose dialplan sets variables that FreeSWITCH knows nothing of. */
const house = Array.from(
  { length: 60 },
  (_, n) => [`house_rule_${n}`, `as%20agreed%20in%20chapter%20${n}`] as const,
);
const fleetCdr = (n: number, endUs?: number) =>
  xmlCdr({
    uuid: `leg-${n}`,
    startUs: 1_795_207_837_117_054 + n * 1_000_000,
    variables: house,
    ...(endUs !== undefined && { endUs }),
  });
const cdrs = Array.from({ length: 80 }, (_, n) => read(Buffer.from(fleetCdr(n))));

test('a dictionary of the fleet packs what comes later; what was stored before stays readable', async (t) => {
  const { connectionString } = await testDatabase(t);
  const config = loadConfig({ DATABASE_URL: connectionString });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const database = openDatabase({ config, logger });
  t.after(() => database.stop());
  const clock = createClock({ start: Date.UTC(2026, 10, 21) });
  const store = async (records: readonly CdrRecord[]) => {
    const metrics = createWriterMetrics(createMetrics('writer'));
    const write = createWriter({
      ...{ config, clock, logger, database, metrics },
      retentionClock: { nowUs: async () => clock.nowUs() },
    });
    await write(
      records.map((value) => ({
        ...{ topic: TOPICS.cdrs, key: value.cdr.uuid, value },
        ...{ partition: 0, offset: '0', publishedUs: 1 },
      })),
    );
  };
  const run = async (...args: string[]) => {
    const { code, out, err } = await switchfleet(['--json', 'cdr', 'dictionary', ...args], {
      DATABASE_URL: connectionString,
    });
    return { code, err, lines: out.toString().trim().split('\n') };
  };
  const dictionaries = async (uuids: readonly string[]) => {
    const { rows } = await database.write.query<{ dictionary: number; bytes: number }>(
      'select dictionary, length(body) as bytes from cdr_documents where uuid = any ($1)',
      [uuids],
    );
    return new Set(rows.map(({ dictionary }) => dictionary));
  };

  assert.match((await run('train')).err, /documents-missing/);
  const [before, after] = [cdrs.slice(0, 60), cdrs.slice(60)];
  await store(before);
  const dry = JSON.parse((await run('train', '--dry-run')).lines[0] ?? '');
  assert.ok(dry.after < dry.before, JSON.stringify(dry));
  assert.deepEqual([dry.id, dry.documents], [null, before.length]);
  const trained = JSON.parse((await run('train')).lines[0] ?? '');
  assert.equal(trained.id, 1000);
  const again = JSON.parse((await run('train')).lines[0] ?? '');
  assert.equal(again.id, null, 'one that is no better is not stored');
  assert.equal(JSON.parse((await run('list')).lines.at(-1) ?? '').id, 1000);

  await store(after);
  const uuidsOf = (records: readonly CdrRecord[]) => records.map(({ cdr }) => cdr.uuid);
  assert.deepEqual(await dictionaries(uuidsOf(before)), new Set([1]));
  assert.deepEqual(await dictionaries(uuidsOf(after)), new Set([1000]));
  for (const record of [before[0], after[0], after.at(-1)]) {
    assert.ok(record);
    const { out } = await switchfleet(['cdr', 'show', record.cdr.uuid, '--format', 'xml'], {
      DATABASE_URL: connectionString,
    });
    assert.ok(out.equals(documentOf(record)), record.cdr.uuid);
  }

  // A body that loses its place is unpacked with the dictionary that it was packed with.
  const loser = Buffer.from(fleetCdr(100, 1_795_207_940_000_000));
  await store([read(loser)]);
  await store([read(Buffer.from(fleetCdr(100)))]);
  const { rows } = await database.write.query<{ body: Buffer }>(
    `select body from cdr_rejects where reason = 'cdr-differs'`,
  );
  assert.deepEqual(rows.length, 1);
  assert.ok(rows[0]?.body.equals(loser));
});

test('a dictionary tells of no call: only what a tenth of the documents have is in it', () => {
  const people = Array.from({ length: 60 }, (_, n) => ({ name: `Person${n}`, number: `4420718${1000 + n}` }));
  const documents = people.map(({ name, number }, n) =>
    Buffer.from(xmlCdr({ uuid: `leg${n}`, callerName: name, variables: [['dialled', number]] })),
  );
  const text = trainDictionary(documents).toString();
  assert.match(text, /<destination_number>9196<\/destination_number>/);
  assert.match(text, /<dialled><\/dialled>/);
  for (const { name, number } of people) assert.ok(!text.includes(name) && !text.includes(number), name);
});
