import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type pg from 'pg';
import type { DeliveredRecord } from '../../../libs/bus/bus.ts';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { parseCdr } from '../../../libs/freeswitch/cdr/parse-cdr.ts';
import { rejected } from '../../../libs/freeswitch/cdr/posted-cdr.ts';
import { openDatabase } from '../../../libs/postgres/database.ts';
import { createRetentionClock } from '../../../libs/postgres/retention-clock.ts';
import type { CdrRecord } from '../../../libs/records/cdr-record.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { documentOf, packBody, unpackDocument } from '../../../libs/store/document.ts';
import { listRejects, type RejectSummary } from '../../../libs/store/reject.sql.ts';
import { replayReject } from '../../../libs/store/reject-replay.ts';
import { listCdrDocuments } from '../../../libs/store/search/call-evidence.sql.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createWriter } from '../../../services/writer/writer.ts';
import { createWriterMetrics } from '../../../services/writer/writer-metrics.ts';
import { type XmlCdrOptions, xmlCdr } from '../../libs/freeswitch/cdr/xml-cdr.ts';
import { createTestLog } from '../../libs/postgres/logger.ts';
import { recordedPosts } from '../../support/recorded-cdrs.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';

/** When the runs were recorded. */
const NOW_MS = Date.UTC(2026, 10, 21);
let offset = 0;

function delivered(record: unknown, topic: DeliveredRecord['topic'] = TOPICS.cdrs): DeliveredRecord {
  offset += 1;
  return {
    topic,
    key: 'k',
    value: JSON.parse(JSON.stringify(record)),
    partition: 0,
    offset: `${offset}`,
    publishedUs: 1,
  };
}

function parsed(body: Buffer, receivedUs = 1_795_300_000_000_000): CdrRecord {
  const result = parseCdr(body, { receivedUs, keepVariable: (name) => name.startsWith('sip_h_X-') });
  assert.ok('ok' in result);
  return result.ok;
}

const xml = (options: XmlCdrOptions) => parsed(Buffer.from(xmlCdr(options)));

/** The same leg as mod_json_cdr tells it. */
function json({
  uuid = 'leg-1',
  startUs = 1_795_207_837_117_054,
  endUs = startUs + 4_000_000,
  billsec = 3,
  importedRow,
}: XmlCdrOptions & { importedRow?: Record<string, string> }) {
  const variables = {
    start_uepoch: `${startUs}`,
    end_uepoch: `${endUs}`,
    billsec: `${billsec}`,
    direction: 'inbound',
  };
  const callflow = [{ caller_profile: { uuid }, times: {} }];
  return parsed(
    Buffer.from(
      JSON.stringify({
        switchname: 'fs01',
        'core-uuid': 'core-1',
        variables,
        callflow,
        ...(importedRow && { imported_row: importedRow }),
      }),
    ),
  );
}

/** `sharedMs`: what a database that agrees with our clock would show; undefined: the real one is asked. */
async function setUp(
  t: TestContext,
  { nowMs = NOW_MS, sharedMs }: { nowMs?: number; sharedMs?: number | undefined } = { sharedMs: NOW_MS },
) {
  const { connectionString } = await testDatabase(t);
  const log = createTestLog();
  const { logger } = log;
  const config = loadConfig({ DATABASE_URL: connectionString });
  const database = openDatabase({ config, logger });
  t.after(() => database.stop());
  const metrics = createMetrics('writer');
  const clock = createClock({ start: nowMs });
  const write = createWriter({
    config,
    clock,
    retentionClock:
      sharedMs === undefined
        ? createRetentionClock({ pool: database.write, clock })
        : { nowUs: async () => sharedMs * 1000 },
    logger,
    database,
    metrics: createWriterMetrics(metrics),
  });
  const rows = async <Row extends pg.QueryResultRow>(sql: string) =>
    (await database.write.query<Row>(sql)).rows;
  return { write, rows, metrics, database, log };
}

const CDRS = `select uuid, format, billsec, switch_name from cdr order by uuid`;
const REJECTS = `select reason, uuid, attempts, convert_from(body, 'utf8') as body from cdr_rejects order by id`;

/** Everything but when it was written, to compare what two histories left. */
const CONTENT = `
  select (select jsonb_agg(to_jsonb(c) - 'received_at' order by c.uuid, c.start_at) from cdr c) as cdrs,
    (select jsonb_agg(to_jsonb(d) - 'received_at' order by d.uuid, d.format) from cdr_documents d) as documents,
    (select jsonb_agg(jsonb_build_array(r.reason, r.body_sha256) order by r.reason, r.body_sha256) from cdr_rejects r) as rejects`;

describe('the writer', () => {
  test('stores every recorded CDR once, however often and in whatever batches it comes', async (t) => {
    const { write, rows } = await setUp(t);
    const records = recordedPosts().map(({ body }) => parsed(body));
    const batches = [records.slice(0, 150), records.slice(150), records.toReversed(), records.slice(40, 90)];
    for (const batch of batches) await write(batch.map((record) => delivered(record)));
    const legs = new Map(records.map((record) => [record.cdr.uuid, record]));
    for (const record of records) if (record.format === 'xml') legs.set(record.cdr.uuid, record);
    const stored = await rows<{ uuid: string; format: string }>(CDRS);
    assert.deepEqual(
      stored.map(({ uuid, format }) => [uuid, format]),
      [...legs.values()].map(({ cdr, format }) => [cdr.uuid, format]).toSorted(),
    );
    assert.deepEqual(await rows('select 1 from cdr_rejects'), []);
  });

  test('stores the fields as they were parsed, times to the microsecond', async (t) => {
    const { write, rows } = await setUp(t);
    const records = recordedPosts().map(({ body }) => parsed(body));
    await write(records.map((record) => delivered(record)));
    const us = (column: string) => `(extract(epoch from ${column}) * 1000000)::bigint::float8`;
    const stored = await rows<Record<string, unknown>>(`
      select to_jsonb(c) as row, ${us('start_at')} as start_us, ${us('end_at')} as end_us, ${us('answer_at')} as answer_us,
        ${us('progress_at')} as progress_us, ${us('progress_media_at')} as progress_media_us from cdr c`);
    for (const { row, ...times } of stored) {
      const columns = row as Record<string, unknown>;
      const record = records.find(
        ({ cdr, format }) => cdr.uuid === columns['uuid'] && format === columns['format'],
      );
      const expected: Record<string, unknown> = { ...record?.cdr };
      for (const [name, value] of Object.entries(times)) assert.equal(value, expected[name], name);
      for (const [name, value] of Object.entries(expected)) {
        if (name in columns) assert.deepEqual(columns[name], value, `${columns['uuid']} ${name}`);
      }
      assert.deepEqual(columns['variables'], record?.variables);
    }
    assert.equal(stored.length, new Set(records.map(({ cdr }) => cdr.uuid)).size);
  });

  test('keeps each document byte for byte, one a leg and format', async (t) => {
    const { write, rows } = await setUp(t);
    const records = recordedPosts()
      .slice(0, 20)
      .map(({ body }) => parsed(body));
    await write(records.map((record) => delivered(record)));
    const stored = await rows<{
      uuid: string;
      format: string;
      body: Buffer;
      compression: 'zstd';
      dictionary: number;
    }>('select uuid, format, body, compression, dictionary from cdr_documents');
    assert.equal(stored.length, new Set(records.map(({ cdr, format }) => `${cdr.uuid} ${format}`)).size);
    for (const document of stored) {
      const bytes = unpackDocument(document);
      const record = records.find(
        ({ cdr, format }) => cdr.uuid === document.uuid && format === document.format,
      );
      assert.ok(record && bytes.equals(documentOf(record)));
      assert.ok(document.body.length * 4 < bytes.length);
    }
  });

  test('prefers XML to JSON in either order', async (t) => {
    const { write, rows } = await setUp(t);
    await write([delivered(json({ uuid: 'a' })), delivered(xml({ uuid: 'a' }))]);
    await write([delivered(xml({ uuid: 'b' }))]);
    await write([delivered(json({ uuid: 'b', endUs: 1_795_207_900_000_000, billsec: 60 }))]);
    await write([delivered(json({ uuid: 'c' }))]);
    await write([delivered(xml({ uuid: 'c' }))]);
    const stored = await rows<{ format: string; billsec: number }>(CDRS);
    assert.deepEqual(
      stored.map(({ format, billsec }) => [format, billsec]),
      [
        ['xml', 3],
        ['xml', 3],
        ['xml', 3],
      ],
    );
    assert.deepEqual(await rows(REJECTS), []);
  });

  test('of two bodies of one format keeps the later end, and the other as cdr-differs, whatever the order', async (t) => {
    const bodies = [
      xml({ billsec: 3 }),
      xml({ billsec: 9, endUs: 1_795_207_850_000_000 }),
      xml({ billsec: 8, endUs: 1_795_207_850_000_000 }),
      json({ billsec: 1 }),
      json({ billsec: 2, endUs: 1_795_207_860_000_000 }),
    ];
    const histories = [
      bodies,
      bodies.toReversed(),
      [...bodies, ...bodies],
      [2, 0, 4, 1, 3].map((i) => bodies[i]),
    ];
    const outcomes: unknown[] = [];
    for (const history of histories) {
      const { write, rows } = await setUp(t);
      for (const record of history) await write([delivered(record)]);
      outcomes.push((await rows(CONTENT))[0]);
    }
    const { write, rows } = await setUp(t);
    await write(bodies.map((record) => delivered(record)));
    outcomes.push((await rows(CONTENT))[0]);
    for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0]);
    const rejects = await rows<{ reason: string }>(REJECTS);
    assert.deepEqual(
      rejects.map(({ reason }) => reason),
      ['cdr-differs', 'cdr-differs', 'cdr-differs'],
    );
    const [row] = await rows<{ billsec: number }>(CDRS);
    assert.ok([8, 9].includes(row?.billsec ?? 0));
  });

  test('is not disturbed by four writers that store the same batches at once', async (t) => {
    const { write, rows, database } = await setUp(t);
    const records = recordedPosts()
      .slice(0, 60)
      .map(({ body }) => parsed(body));
    const batch = records.map((record) => delivered(record));
    const differing = [delivered(xml({})), delivered(xml({ billsec: 7 }))];
    const shuffled = batch.toReversed();
    await Promise.all([
      write(batch),
      write(shuffled),
      write([...batch, ...differing]),
      write(differing.toReversed()),
    ]);
    const legs = new Set(records.map(({ cdr }) => cdr.uuid)).size + 1;
    assert.equal((await rows(CDRS)).length, legs);
    assert.equal((await rows(REJECTS)).length, 1);
    assert.equal(database.write.waitingCount, 0);
  });

  test('sets a record aside that PostgreSQL refuses, and stores the rest of its batch', async (t) => {
    const { write, rows, database } = await setUp(t);
    await database.write.query(`alter table cdr add constraint no_poison check (uuid <> 'poison')`);
    await write(['a', 'b', 'poison', 'c', 'd'].map((uuid) => delivered(xml({ uuid }))));
    const stored = await rows<{ uuid: string }>(CDRS);
    assert.deepEqual(
      stored.map(({ uuid }) => uuid),
      ['a', 'b', 'c', 'd'],
    );
    const [reject] = await rows<{ reason: string; uuid: string; body: string }>(REJECTS);
    assert.equal(reject?.reason, 'cdr-unstorable');
    assert.equal(reject?.body, xmlCdr({ uuid: 'poison' }));
  });

  test('sets aside what cannot be set aside as it says, and stores the rest of its batch', async (t) => {
    const { write, rows } = await setUp(t);
    const post = {
      body: Buffer.from('cut'),
      url: '/cdr',
      contentType: undefined,
      sourceIp: '',
      node: 'fs01',
    };
    const late = rejected({ ...post, receivedUs: 1e300 }, 'cdr-truncated', 'after the end of time').record
      .value;
    const early = { ...delivered({ v: 9 }), publishedUs: -1_000 };
    const damaged = (uuid: string) => ({ ...xml({ uuid }), body: Buffer.from(uuid).toString('base64') });
    const nameless = { ...damaged('nameless'), cdr: { ...xml({}).cdr, uuid: 'name\u0000less' } };
    const other = damaged('c');
    await write([delivered(xml({ uuid: 'a' })), delivered(late, TOPICS.cdrRejects), early]);
    await write([
      delivered(nameless),
      delivered(xml({ uuid: 'b' })),
      delivered({ ...other, body_sha256: 'ff' }),
    ]);
    await write([delivered({ ...other, body_sha256: '00' }), delivered({ ...other, body_sha256: 'ffff' })]);
    const stored = await rows<{ uuid: string }>(CDRS);
    assert.deepEqual(stored.map(({ uuid }) => uuid).toSorted(), ['a', 'b', 'c']);
    const kept = await rows(
      `select reason, convert_from(body, 'UTF8') as body from cdr_rejects order by reason, length(body_sha256), body`,
    );
    assert.deepEqual(kept, [
      { reason: 'cdr-differs', body: 'c' },
      { reason: 'cdr-differs', body: 'c' },
      { reason: 'cdr-truncated', body: 'cut' },
      { reason: 'record-invalid', body: 'nameless' },
      { reason: 'record-invalid', body: '{"v":9}' },
    ]);
    const dated = await rows(
      `select reason, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as received
       from cdr_rejects where body in ('cut', '{"v":9}') order by reason`,
    );
    assert.deepEqual(dated, [
      { reason: 'cdr-truncated', received: '9999-12-31 23:59:59' },
      { reason: 'record-invalid', received: '1970-01-01 00:00:00' },
    ]);
  });

  test('sets aside a record that we cannot write for PostgreSQL, and stores the rest of its batch', async (t) => {
    const { write, rows } = await setUp(t);
    const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;
    const raw = (value: unknown) => ({ ...delivered(null), value });
    const late = (uuid: string) => ({ ...json({ uuid }), cdr: { ...json({ uuid }).cdr, end_us: 1e300 } });
    const deep = xml({ uuid: 'deep' });
    await write([
      delivered(xml({ uuid: 'a' })),
      raw(nested(50_000)),
      delivered(late('a')),
      delivered(xml({ uuid: 'b' })),
      raw({ ...deep, cdr: { ...deep.cdr, extra: nested(50_000) } }),
      delivered(xml({ uuid: 'c' })),
    ]);
    const stored = await rows<{ uuid: string; format: string }>(CDRS);
    assert.deepEqual(
      stored.map(({ uuid, format }) => `${uuid} ${format}`),
      ['a xml', 'b xml', 'c xml'],
    );
    const kept = await rows<{ reason: string; body: string }>(`${REJECTS}`);
    assert.deepEqual(kept.map(({ reason }) => reason).toSorted(), [
      'cdr-unstorable',
      'record-invalid',
      'record-invalid',
    ]);
    const bodies = kept.map(({ body }) => body);
    assert.ok(bodies.includes(`${'['.repeat(50_000)}${']'.repeat(50_000)}`), 'whole, however deep');
    assert.ok(bodies.includes(xmlCdr({ uuid: 'deep' })), 'the document itself');
  });

  test('keeps what is no record of ours, and a reject of the cdr service, whole', async (t) => {
    const { write, rows } = await setUp(t);
    const post = {
      body: Buffer.from('garbage\u0000'),
      url: '/cdr?uuid=a_leg-9',
      contentType: 'text/plain',
      sourceIp: '127.0.0.11',
      node: 'fs01',
    };
    const reject = (receivedUs: number) =>
      rejected({ ...post, receivedUs }, 'cdr-unrecognised', 'why\u0000').record.value;
    const first = delivered(reject(1_795_300_000_000_000), TOPICS.cdrRejects);
    await write([first, delivered({ v: 9 })]);
    await write([first]);
    await write([delivered(reject(1_795_300_000_000_001), TOPICS.cdrRejects)]);
    const stored = await rows<{ reason: string; attempts: number; size: number; uuid: string }>(
      'select reason, uuid, attempts, length(body) as size from cdr_rejects order by reason',
    );
    assert.deepEqual(stored, [
      { reason: 'cdr-unrecognised', uuid: 'leg-9', attempts: 2, size: 8 },
      { reason: 'record-invalid', uuid: 'k', attempts: 1, size: 7 },
    ]);
  });

  test('keeps the first and the last time of a reject and its attempts, in any order and batching', async (t) => {
    const startUs = 1_795_300_000_000_000;
    const post = {
      body: Buffer.from('cut'),
      url: '/cdr',
      contentType: undefined,
      sourceIp: '',
      node: 'fs01',
    };
    const at = (seconds: number) => {
      const receivedUs = startUs + seconds * 1_000_000;
      const { value } = rejected({ ...post, receivedUs }, 'cdr-truncated', 'cut').record;
      return delivered(value, TOPICS.cdrRejects);
    };
    const orders = [
      [[1], [2], [3]],
      [[3], [2], [1]],
      [
        [1, 2],
        [2, 3],
      ],
      [[2, 3], [1, 2], [3]],
      [[3, 1, 2]],
      [[2], [1, 2, 3], [1, 2, 3]],
    ];
    for (const order of orders) {
      const { write, rows } = await setUp(t);
      for (const batch of order) await write(batch.map(at));
      const kept =
        await rows(`select attempts, extract(epoch from received_at)::bigint - ${startUs / 1e6} as first,
        extract(epoch from last_received_at)::bigint - ${startUs / 1e6} as last from cdr_rejects`);
      assert.deepEqual(kept, [{ attempts: 3, first: '1', last: '3' }], JSON.stringify(order));
    }
  });

  test('a reject that was replayed and comes again is open again', async (t) => {
    const { write, replay, attempts, isOpen } = await setAside(t);
    await replay({});
    assert.equal(await isOpen(), false);
    // the writer waits neither for the publish nor for the note
    await replay({ publish: write });
    assert.equal(await isOpen(), true, 'however soon it is set aside again');
    assert.equal(await attempts(), 1);
    await assert.rejects(replay({ publish: () => Promise.reject(new Error('no bus')) }), /no bus/);
    assert.equal(await isOpen(), true, 'what was not published is no replay');
    await replay({});
    assert.equal(await isOpen(), false);
  });

  test('a reject is replayed by one at a time, and by who saw what became of it', async (t) => {
    const { replay, read, rows, isOpen } = await setAside(t);
    const seen = await read();
    const posted: string[] = [];
    const publish = async () => {
      posted.push('one');
      await assert.rejects(replay({ publish: async () => void posted.push('two') }), { code: 'reject-busy' });
    };
    await replay({ publish });
    await assert.rejects(replay({ seen, publish: async () => void posted.push('three') }), {
      code: 'reject-busy',
    });
    assert.deepEqual([posted, await isOpen()], [['one'], false]);

    // one that was killed, or cannot reach the database any more, is another's after a while
    await rows(`update cdr_rejects set replayed_at = null, replaying_since = now() - interval '4 minutes'`);
    await assert.rejects(replay({}), { code: 'reject-busy' });
    await rows(`update cdr_rejects set replaying_since = now() - interval '6 minutes'`);
    await replay({});
    assert.equal(await isOpen(), false);
  });

  /** A reject that the writer has set aside and, by `write`, sets aside again; and ways to replay it and to see what became of it. */
  async function setAside(t: TestContext) {
    const { write, rows, database } = await setUp(t);
    const damaged = { ...xml({ uuid: 'again' }), cdr: { ...xml({}).cdr, duration: 2 ** 40 } };
    const again = () => write([delivered(damaged)]);
    await again();
    const read = async () => (await listRejects(database.write, { limit: 9 }))[0] ?? assert.fail();
    interface Replay {
      seen?: RejectSummary;
      publish?: () => Promise<void>;
    }
    const replay = async ({ seen, publish = async () => undefined }: Replay) =>
      replayReject(database.write, seen ?? (await read()), { nowUs: NOW_MS * 1_000, publish });
    const isOpen = async () => (await read()).replayed_us === null;
    const attempts = async () => (await read()).attempts;
    return { write: again, rows, read, replay, isOpen, attempts };
  }

  test('does not bring back what is past its retention, and stores what a clock of 1970 or 2099 dates', async (t) => {
    const { write, rows, metrics, log } = await setUp(t);
    const at = (uuid: string, date: string) => delivered(xml({ uuid, startUs: Date.parse(date) * 1000 + 1 }));
    await write([
      at('old', '2023-05-01'),
      at('1970', '1970-01-02'),
      at('2099', '2099-12-31'),
      at('months', '2026-03-01'),
    ]);
    const stored = await rows<{ uuid: string; partition: string }>(
      `select uuid, tableoid::regclass::text as partition from cdr where uuid <> 'months' order by uuid`,
    );
    assert.deepEqual(stored, [
      { uuid: '1970', partition: 'cdr_default' },
      { uuid: '2099', partition: 'cdr_default' },
    ]);
    const documents = await rows<{ uuid: string }>('select uuid from cdr_documents order by uuid');
    assert.deepEqual(
      documents.map(({ uuid }) => uuid),
      ['1970', '2099'],
    );
    assert.match(
      await metrics.metrics(),
      /switchfleet_writer_records_total\{outcome="expired",service="writer"\} 1/,
    );
    const expired = (await metrics.getSingleMetric('switchfleet_writer_expired_total')?.get())?.values;
    assert.deepEqual(
      expired?.map(({ labels, value }) => [labels['table'], value]),
      [
        ['cdr', 1],
        ['cdr_documents', 1],
      ],
    );
    const warnings = log.lines.filter(({ level }) => level === 40);
    assert.deepEqual(
      warnings.map(({ cdrs, documents, cdrs_from }) => [cdrs, documents, cdrs_from]),
      [[0, 1, '2024-11-01T00:00:00.000Z']],
    );
  });

  test('a clock that is years ahead of the database throws nothing away', async (t) => {
    const { write, rows } = await setUp(t, { nowMs: Date.now() + 5 * 365 * 86_400_000 });
    await write([delivered(xml({ uuid: 'now', startUs: Date.now() * 1000 }))]);
    assert.equal((await rows(CDRS)).length, 1);
    assert.equal((await rows('select from cdr_documents')).length, 1);
  });

  test('a CDR for whose time a partition is made meanwhile is stored, not set aside', async (t) => {
    const { write, rows, metrics, database } = await setUp(t);
    const day = new Date(NOW_MS + 3 * 86_400_000).toISOString().slice(0, 10);
    const maker = await database.write.connect();
    try {
      await maker.query(`begin; create table cdr_documents_next (like cdr_documents including all excluding identity);
        lock table only cdr_documents_default in access exclusive mode`);
      const writing = write([delivered(xml({ uuid: 'next', startUs: Date.parse(`${day}T01:00Z`) * 1000 }))]);
      await until('the writer waits for the default partition', async () => {
        const waiting = await rows(
          `select from pg_locks where relation = 'cdr_documents_default'::regclass and not granted`,
        );
        return waiting.length === 1;
      });
      await maker.query(`alter table cdr_documents attach partition cdr_documents_next
        for values from ('${day} 00:00Z') to ('${day} 23:00Z'); commit`);
      await writing;
    } finally {
      maker.release();
    }
    assert.deepEqual(await rows('select reason from cdr_rejects'), []);
    assert.deepEqual(await rows('select tableoid::regclass::text as place from cdr_documents'), [
      { place: 'cdr_documents_next' },
    ]);
    assert.match(await metrics.metrics(), /writer_transaction_retries_total\{service="writer"\} 1/);
  });

  test("gives the place of another system's row to the leg's own CDR, whichever comes first, and of no other leg", async (t) => {
    const startUs = 1_795_207_837_117_054;
    const second = Math.floor(startUs / 1e6) * 1e6;
    const own = (uuid: string) => delivered(xml({ uuid, startUs }));
    const imported = (uuid: string, at = second) =>
      delivered(json({ uuid, startUs: at, billsec: 9, importedRow: { xml_cdr_uuid: uuid } }));
    const orders = [
      [[imported('a')], [own('a')]],
      [[own('a')], [imported('a')]],
      [[imported('a'), own('a')]],
      [[own('a'), imported('a')], [imported('a')], [own('a')]],
      [[imported('a', startUs)], [delivered(json({ uuid: 'a', startUs, billsec: 3 }))]],
    ];
    for (const order of orders) {
      const { write, rows, database } = await setUp(t);
      await write([imported('b'), imported('c', second + 10_000_000), own('d')]);
      for (const batch of order) await write(batch);
      await write([own('c')]);
      const stored = await rows<{ uuid: string; imported: boolean; billsec: number }>(
        'select uuid, imported, billsec from cdr order by uuid, start_at',
      );
      assert.deepEqual(
        stored.map(({ uuid, imported, billsec }) => [uuid, imported, billsec]),
        [
          ['a', false, 3],
          ['b', true, 9],
          ['c', false, 3],
          ['c', true, 9],
          ['d', false, 3],
        ],
      );
      const legs = ['b', 'c', 'd'].map((uuid) => ({ uuid, start_us: startUs }));
      const documents = await listCdrDocuments(database.read, legs);
      assert.deepEqual(
        documents.map(({ uuid, format }) => `${uuid} ${format}`),
        ['b json', 'c xml', 'd xml'],
        'the row is found from the leg that it is of, and from no later one',
      );
    }
  });

  test("of another system's JSON and the leg's own under one key the own is kept, in any order and batching", async (t) => {
    const startUs = 1_795_207_837_000_000;
    const own = json({ startUs, billsec: 3 });
    const imported = json({
      ...{ startUs, endUs: startUs + 9_000_000, billsec: 9 },
      importedRow: { xml_cdr_uuid: 'leg-1' },
    });
    for (const batches of [[[own, imported]], [[imported, own]], [[own], [imported]], [[imported], [own]]]) {
      const { write, rows } = await setUp(t);
      for (const batch of batches) await write(batch.map((record) => delivered(record)));
      assert.deepEqual(await rows('select imported, billsec from cdr'), [{ imported: false, billsec: 3 }]);
      assert.deepEqual(await rows('select body_sha256 as sha from cdr_documents'), [
        { sha: Buffer.from(own.body_sha256, 'hex') },
      ]);
      assert.deepEqual(await rows('select reason, body_sha256 as sha from cdr_rejects'), [
        { reason: 'cdr-differs', sha: Buffer.from(imported.body_sha256, 'hex') },
      ]);
    }
  });

  test('a stored JSON that this release reads no more holds up no batch, and counts as the own CDR of its leg', async (t) => {
    const { write, rows } = await setUp(t);
    const own = json({ billsec: 3 });
    const unread = Buffer.from('{"variables":{"uuid":"leg-1"},"variables":{"uuid":"leg-1"}}');
    await write([delivered({ ...own, ...packBody('json', unread) })]);
    const imported = json({ endUs: own.cdr.end_us + 9_000_000, importedRow: { xml_cdr_uuid: 'leg-1' } });
    await write([delivered(imported)]);
    assert.deepEqual(await rows('select reason, body_sha256 as sha from cdr_rejects'), [
      { reason: 'cdr-differs', sha: Buffer.from(imported.body_sha256, 'hex') },
    ]);
  });

  test('fails the batch when the database is away, so that it comes again', async (t) => {
    const { write, rows, database } = await setUp(t);
    await database.write.query('alter table cdr_documents rename to gone');
    await assert.rejects(write([delivered(xml({}))]), { code: '42P01' });
    await database.write.query('alter table gone rename to cdr_documents');
    assert.deepEqual(await rows(CDRS), []);
    await write([delivered(xml({}))]);
    assert.equal((await rows(CDRS)).length, 1);
  });
});
