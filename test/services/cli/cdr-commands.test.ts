import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { decodeBody } from '../../../libs/freeswitch/cdr/cdr-body.ts';
import { xmlCdr } from '../../libs/freeswitch/cdr/xml-cdr.ts';
import { type CdrStore, cdrStore } from '../../support/cdr-store.ts';
import { switchfleet } from '../../support/command.ts';
import { publishPosts } from '../../support/publish-posts.ts';
import { recordedPosts, uuidOf } from '../../support/recorded-cdrs.ts';

const START_US = Date.UTC(2026, 10, 20) * 1000;
const posts = recordedPosts();
const first = posts[0] ?? assert.fail();

function command({ connectionString }: CdrStore, environment: Record<string, string> = {}) {
  return (...args: string[]) => switchfleet(args, { DATABASE_URL: connectionString, ...environment });
}

describe('switchfleet cdr show', () => {
  test('gives documents back byte for byte, XML and JSON, or decoded', async (t) => {
    const store = await cdrStore(t);
    const both = posts.filter((post) => uuidOf(post) === uuidOf(first));
    await publishPosts(store.connectionString, both);
    await store.settled();
    const run = command(store);
    for (const post of both) {
      const { format, document } = decodeBody(post.body);
      const { out } = await run('cdr', 'show', uuidOf(post), '--format', format);
      assert.ok(out.equals(document), format);
    }
    const decoded = JSON.parse((await run('--json', 'cdr', 'show', uuidOf(first))).out.toString());
    assert.equal(decoded.format, 'xml');
    assert.equal(decoded.callflows[0].caller_profile.uuid, uuidOf(first));
    const missing = await run('cdr', 'show', 'nothing');
    assert.deepEqual([missing.code, missing.out.length], [1, 0]);
    assert.match(missing.err, /document-not-found/);
  });
});

test('switchfleet cdr show: of several legs with one uuid the latest, or the one whose start is named', async (t) => {
  const store = await cdrStore(t);
  const at = (seconds: number) => {
    const startUs = START_US + seconds * 1_000_000;
    return { ...first, body: Buffer.from(xmlCdr({ uuid: 'twice', startUs, endUs: startUs + 1_000_000 })) };
  };
  await publishPosts(store.connectionString, [at(0), at(60)]);
  await store.settled();
  const run = command(store);
  const latest = await run('cdr', 'show', 'twice');
  assert.ok(latest.out.equals(at(60).body));
  assert.match(latest.err, /--start 2026-11-20T00:00:00\.000000Z/);
  const named = await run('cdr', 'show', 'twice', '--start', '2026-11-20T00:00:00Z');
  assert.ok(named.out.equals(at(0).body));
  const decoded = JSON.parse((await run('--json', 'cdr', 'show', 'twice')).out.toString());
  assert.deepEqual(
    [decoded.start, decoded.other_starts],
    ['2026-11-20T00:01:00.000000Z', ['2026-11-20T00:00:00.000000Z']],
  );
});

describe('switchfleet cdr rejects', () => {
  test('lists them, shows their bytes, and stores what can be read after all', async (t) => {
    const store = await cdrStore(t);
    await publishPosts(store.connectionString, [
      { ...first, name: 'cut', body: first.body.subarray(0, 900) },
    ]);
    await store.settled();
    // What a parser of an earlier release could not read.
    await store.rows(
      `insert into cdr_rejects (reason, detail, path, received_at, last_received_at, body_sha256, body)
       values ('cdr-malformed', 'an earlier release', '/cdr', now(), now(), sha256($1), $1)`,
      [first.body],
    );
    // What another node said of it: no replay of all makes it true.
    await store.rows(
      `insert into cdr_rejects (reason, detail, path, switch_name, received_at, last_received_at, body_sha256, body)
       values ('cdr-foreign-node', '', '/cdr', 'elsewhere', now(), now(), sha256($1), $1)`,
      [first.body],
    );
    const run = command(store);
    const listed = (await run('--json', 'cdr', 'rejects', 'list')).out.toString().trim().split('\n');
    const rejects = listed.map((line) => JSON.parse(line));
    assert.deepEqual(
      rejects.map(({ reason, replayed_us }) => [reason, replayed_us]),
      [
        ['cdr-foreign-node', null],
        ['cdr-malformed', null],
        ['cdr-truncated', null],
      ],
    );
    const [foreign, readable, cut] = rejects;
    assert.ok((await run('cdr', 'rejects', 'show', cut.id)).out.equals(first.body.subarray(0, 900)));
    const { out, err } = await run('--json', 'cdr', 'rejects', 'replay', '--all');
    assert.match(err, /^1 posted again, 2 still rejects\. What becomes of these/);
    assert.deepEqual(
      out
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
      [
        { id: foreign.id, outcome: 'still cdr-foreign-node' },
        { id: readable.id, outcome: 'posted again' },
        { id: cut.id, outcome: 'still cdr-truncated' },
      ],
    );
    await store.settled();
    assert.deepEqual(await store.rows('select uuid from cdr'), [{ uuid: uuidOf(first) }]);
    const named = await run('--json', 'cdr', 'rejects', 'replay', foreign.id);
    assert.deepEqual(JSON.parse(named.out.toString()), { id: foreign.id, outcome: 'posted again' });
    const open = (await run('--json', 'cdr', 'rejects', 'list', '--open')).out.toString().trim();
    assert.equal(JSON.parse(open).id, cut.id);
    assert.match((await run('cdr', 'rejects', 'replay')).err, /name the rejects to replay/);
  });

  test('says of one that loses again that it does, and leaves it open', async (t) => {
    const store = await cdrStore(t);
    const [shorter, longer] = [4, 9].map((seconds) => ({
      ...first,
      body: Buffer.from(xmlCdr({ uuid: 'twice', startUs: START_US, endUs: START_US + seconds * 1_000_000 })),
    }));
    await publishPosts(store.connectionString, [shorter ?? first, longer ?? first]);
    await store.settled();
    const run = command(store);
    const replay = async () => {
      const { out, err } = await run('--json', 'cdr', 'rejects', 'replay', '--all');
      return { ...JSON.parse(out.toString()), told: err.slice(0, 32) };
    };
    const lost = { id: '1', outcome: 'still cdr-differs', told: '0 posted again, 1 still rejects\n' };
    assert.deepEqual([await replay(), await replay()], [lost, lost], 'it is open as before');
    // of what it lost to nothing is kept: the writer has the word
    await store.rows('delete from cdr_documents');
    assert.equal((await replay()).outcome, 'posted again');
    await store.settled();
    const documents = await store.rows<{ seconds: number }>(
      'select extract(epoch from end_at - start_at)::int as seconds from cdr_documents',
    );
    assert.deepEqual(documents, [{ seconds: 4 }]);
  });

  /** A store with open rejects of these bodies, the first of which is the oldest, and what a replay tells of them. */
  async function replayOf(t: TestContext, bodies: readonly string[]) {
    const store = await cdrStore(t);
    for (const body of bodies)
      await store.rows(
        `insert into cdr_rejects (reason, detail, path, received_at, last_received_at, body_sha256, body)
         values ('cdr-malformed', '', '/cdr', now(), now(), sha256($1), $1)`,
        [Buffer.from(body)],
      );
    const replay = async (...args: string[]) => {
      const { code, out, err } = await command(store)('--json', 'cdr', 'rejects', 'replay', ...args);
      const lines = out.toString().split('\n').filter(Boolean);
      const outcomes = lines.map((line) => JSON.parse(line) as { id: string; outcome: string });
      return { code, err, outcomes: outcomes.map(({ id, outcome }) => `${id} ${outcome}`) };
    };
    return { store, replay };
  }

  const readable = (uuid: string) => xmlCdr({ uuid, startUs: START_US });

  test('one that cannot be replayed stops none of the others, and what became of each is told', async (t) => {
    // deeper than a stack of calls is high
    const deep = `{"variables":{"uuid":"deep"},"callStats":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
    const { store, replay } = await replayOf(t, [
      readable('older'),
      deep,
      readable('stuck'),
      readable('newer'),
    ]);
    await store.rows(`
      create function refuse() returns trigger language plpgsql as $$
        begin if new.id = 3 then raise 'not this one'; end if; return new; end $$`);
    await store.rows(
      `create trigger refuse before update on cdr_rejects for each row when (new.replayed_at is not null)
       execute function refuse()`,
    );
    const all = await replay('--all');
    assert.match(all.outcomes.splice(2, 1)[0] ?? '', /^2 (failed|still)/);
    assert.deepEqual(all.outcomes, [
      '4 posted again',
      '3 posted again, and not noted: not this one',
      '1 posted again',
    ]);
    assert.equal(all.code, 1);
    assert.match(
      all.err,
      /^3 posted again, .*\n.* of 4 rejects could not be replayed \(replay-incomplete\)\n$/,
    );
    const some = await replay('1', '999', '1', '4', 'x');
    assert.deepEqual(some.outcomes, [
      '1 posted again',
      '999 failed: there is no reject 999 (reject-not-found)',
      '4 posted again',
      'x failed: there is no reject x (reject-not-found)',
    ]);
    assert.equal(some.code, 1);
    assert.match(some.err, /^2 posted again, 0 still rejects, 2 failed\. /);
    await store.settled();
    assert.equal((await store.rows('select from cdr')).length, 3);
  });

  test('two who replay all at once post each once', async (t) => {
    const { store, replay } = await replayOf(t, ['1', '2', '3', '4', '5', '6'].map(readable));
    const both = await Promise.all([replay('--all'), replay('--all')]);
    const posted = both.flatMap(({ outcomes }) => outcomes).filter((line) => line.endsWith('posted again'));
    assert.equal(posted.length, 6, both.map(({ err }) => err).join());
    await store.settled();
    const [published] = await store.rows<{ records: number }>(
      `select sum(records)::int as records from bus_topics, unnest(next_offsets) as records where name = 'switchfleet.cdrs'`,
    );
    assert.equal(published?.records, 6);
  });

  test('a replay that the bus leaves says what it had posted', async (t) => {
    const { store, replay } = await replayOf(t, [readable('older'), readable('between'), readable('newer')]);
    await store.rows(`
      create function leave() returns trigger language plpgsql as $$
        begin alter table bus_topics rename to bus_topics_away; return new; end $$`);
    await store.rows(
      `create trigger leave before update on cdr_rejects for each row when (new.replayed_at is not null)
       execute function leave()`,
    );
    const { code, err, outcomes } = await replay('--all');
    await store.rows('alter table bus_topics_away rename to bus_topics');
    assert.deepEqual([code, outcomes.length, outcomes[0]], [1, 2, '3 posted again']);
    assert.match(outcomes[1] ?? '', /^2 failed: .*\(bus-unavailable\)$/);
    assert.match(err, /^1 posted again, 0 still rejects, 1 failed\. (?:.|\n)*\(bus-unavailable\)\n$/);
  });

  test('shows those that somebody dated where no clock is', async (t) => {
    const store = await cdrStore(t);
    for (const at of ['294276-12-31Z', 'infinity', '-infinity', '0044-03-15 BC', '2026-11-20T10:00:00Z'])
      await store.rows(
        `insert into cdr_rejects (reason, detail, path, received_at, last_received_at, body_sha256, body)
         values ($1::text, '', '/cdr', $1::timestamptz, $1::timestamptz, 'x', 'cut')`,
        [at],
      );
    const run = command(store);
    const listed = await run('cdr', 'rejects', 'list');
    assert.deepEqual(
      listed.out.toString().match(/\S+T\S+\.000Z/g),
      [
        '2026-11-20T10:00:00.000Z',
        '1970-01-01T00:00:00.000Z',
        '1970-01-01T00:00:00.000Z',
        '9999-12-31T23:59:59.000Z',
        '9999-12-31T23:59:59.000Z',
      ],
      listed.err,
    );
    for (const id of ['1', '2', '3', '4', '5'])
      assert.equal((await run('cdr', 'rejects', 'show', id)).out.toString(), 'cut');
  });
});

describe('switchfleet cdr rebuild', () => {
  test('gives rows what this release and configuration read, and makes no second row', async (t) => {
    const store = await cdrStore(t);
    await publishPosts(store.connectionString, posts.slice(0, 20));
    await store.settled();
    const before = await store.rows('select * from cdr order by uuid');
    await store.rows(`update cdr set hangup_cause = 'WRONG', variables = '{}'`);
    // One that cannot be read any more holds up none of the others.
    const damaged = uuidOf(posts[19] ?? assert.fail());
    await store.rows(`update cdr_documents set body = '' where uuid = $1`, [damaged]);
    const damages = (await store.rows('select from cdr_documents where uuid = $1', [damaged])).length;
    const run = command(store, { CDR_VARIABLES: 'sip_h_X-*,@custom' });
    const { out, err } = await run('--json', 'cdr', 'rebuild', '--from', '2026-11-01', '--to', '2026-12-01');
    const remark = `leg ${damaged} stays as it is: a stored document cannot be unpacked (document-damaged)\n`;
    assert.equal(err, remark.repeat(damages));
    const documents = await store.rows<{ count: number }>('select count(*)::int as count from cdr_documents');
    const published = (documents[0]?.count ?? 0) - damages;
    assert.deepEqual(JSON.parse(out.toString()), { published, unreadable: damages });
    await store.settled();
    const after = await store.rows('select * from cdr order by uuid');
    const readable = ({ uuid }: { uuid?: string }) => uuid !== damaged;
    assert.deepEqual(after.filter(readable), before.filter(readable));
    assert.equal(after.length, before.length);
    assert.deepEqual(await store.rows('select reason from cdr_rejects'), []);
  });
});

/** Three to a page by number, one by bytes. */
const LARGE = 5 * 1024 * 1024;

test('a rebuild of large documents goes by bytes, and one that breaks off says where to go on', async (t) => {
  const store = await cdrStore(t);
  for (const at of [0, 1, 2]) {
    const body = Buffer.from(
      xmlCdr({
        uuid: `leg-${at}`,
        startUs: START_US + at * 1_500_000,
        variables: [['blob', 'x'.repeat(LARGE)]],
      }),
    );
    await store.rows(
      `insert into cdr_documents (uuid, start_at, format, switch_name, end_at, received_at, body_sha256, body_size, compression, body)
       values ($1, to_timestamp($2 / 1000000.0), 'xml', 'fs01', now(), now(), '', $4, 'none', $3)`,
      [`leg-${at}`, START_US + at * 1_500_000, body, body.length],
    );
  }
  await store.rows(`alter table bus_records add constraint away check (key <> 'leg-2')`);
  const rebuild = (from: string) =>
    command(store)('--json', 'cdr', 'rebuild', '--from', from, '--to', '2026-12-01');
  const broken = await rebuild('2026-11-20');
  assert.equal(broken.code, 1);
  assert.match(
    broken.err,
    /^until then published 2 documents again, 0 of .*; go on with --from 2026-11-20T00:00:01Z\n/,
  );
  assert.match(broken.err, /bus-unavailable/);
  await store.rows('alter table bus_records drop constraint away');
  const { out } = await rebuild('2026-11-20T00:00:01Z');
  assert.deepEqual(JSON.parse(out.toString()), { published: 2, unreadable: 0 });
  await store.settled();
  assert.deepEqual(await store.rows('select uuid from cdr order by uuid'), [
    { uuid: 'leg-0' },
    { uuid: 'leg-1' },
    { uuid: 'leg-2' },
  ]);
});

describe('switchfleet cdr retention', () => {
  test('lists what would be dropped, and drops nothing', async (t) => {
    const store = await cdrStore(t);
    await store.rows(
      `create table cdr_p202001 partition of cdr for values from ('2020-01-01Z') to ('2020-02-01Z')`,
    );
    await store.rows(
      `insert into cdr (uuid, format, switch_name, start_at, end_at, duration, billsec, received_at, body_sha256)
       values ('old', 'xml', 'fs01', '2020-01-02Z', '2020-01-02Z', 0, 0, now(), ''),
         ('stray', 'xml', 'fs01', '2020-03-02Z', '2020-03-02Z', 0, 0, now(), '')`,
    );
    const run = command(store, { CDR_RETENTION_MONTHS: '24' });
    const lines = (await run('--json', 'cdr', 'retention')).out.toString().trim().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)).map(({ table, partition, rows }) => [table, partition, rows]),
      [
        ['cdr', 'cdr_p202001', 1],
        ['cdr', 'cdr_default', 1],
      ],
    );
    assert.equal((await store.rows(`select from cdr where uuid = 'old'`)).length, 1);
    const kept = command(store, { CDR_RETENTION_MONTHS: '240' });
    assert.equal((await kept('--json', 'cdr', 'retention')).out.toString().trim(), '');
    const { out, err } = await kept('cdr', 'retention');
    assert.deepEqual([out.toString(), err], ['', 'there is nothing that the writer would drop\n']);
  });
});
