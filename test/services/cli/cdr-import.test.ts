import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { xmlCdr } from '../../libs/freeswitch/cdr/xml-cdr.ts';
import { cdrStore } from '../../support/cdr-store.ts';
import { startChild } from '../../support/child-process.ts';
import { switchfleet } from '../../support/command.ts';
import { spoolFiles, uuidOf } from '../../support/recorded-cdrs.ts';
import { until } from '../../support/until.ts';

const LONG_AGO = new Date(Date.now() - 3_600_000);

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'switchfleet-spool-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A folder with every recorded spool file, each under a name of its own. */
async function spool(t: TestContext): Promise<{ path: string; legs: Set<string>; files: number }> {
  const path = await folder(t);
  const legs = new Set<string>();
  const names = new Set<string>();
  for (const { name } of spoolFiles()) {
    const file = basename(name);
    names.add(file);
    legs.add(file.replace('.cdr.xml', '').replace(/^a_/, ''));
    await copyFile(name, join(path, file));
    await utimes(join(path, file), LONG_AGO, LONG_AGO);
  }
  return { path, legs, files: names.size };
}

async function write(path: string, name: string, body: string | Buffer, at = LONG_AGO): Promise<void> {
  await writeFile(join(path, name), body);
  await utimes(join(path, name), at, at);
}

describe('switchfleet cdr import', () => {
  test('stores every file that FreeSWITCH left, in every encoding, once; a second run finds nothing new', async (t) => {
    const { path, legs, files } = await spool(t);
    const { connectionString, rows, settled } = await cdrStore(t);
    const run = () => switchfleet(['--json', 'cdr', 'import', path], { DATABASE_URL: connectionString });
    const first = await run();
    assert.deepEqual(
      [first.code, first.err, JSON.parse(first.out.toString())],
      [
        0,
        '',
        { imported: files, duplicate: 0, accepted: 0, rejected: 0, incomplete: 0, refused: 0, expired: 0 },
      ],
    );
    await settled();
    const stored = await rows<{ uuid: string }>('select uuid from cdr');
    assert.deepEqual(new Set(stored.map(({ uuid }) => uuid)), legs);
    assert.equal(stored.length, legs.size);
    const names = new Set<string>();
    const again = {
      imported: 0,
      duplicate: files,
      accepted: 0,
      rejected: 0,
      incomplete: 0,
      refused: 0,
      expired: 0,
    };
    // the same legs again, in other files and encodings: the store knows them
    for (const { name } of spoolFiles()) {
      const other = join(path, `log-dir-${names.size}.cdr.xml`);
      names.add(other);
      await copyFile(name, other);
      await utimes(other, LONG_AGO, LONG_AGO);
    }
    assert.deepEqual(JSON.parse((await run()).out.toString()), { ...again, duplicate: files + names.size });
    await settled();
    assert.deepEqual(await rows('select count(*)::int as rows from cdr_rejects'), [{ rows: 0 }]);
  });

  test('deletes only what is whole and durable', async (t) => {
    const { path, files } = await spool(t);
    const { connectionString, rows, settled } = await cdrStore(t);
    const [whole] = spoolFiles();
    assert.ok(whole);
    const uuid = 'c0c0c0c0-0000-4000-8000-000000000000';
    const cut = `a_${uuid}.cdr.xml`;
    await write(path, cut, whole.body.subarray(0, whole.body.length >> 1));
    const fresh = join(path, 'fresh.cdr.xml');
    await write(path, 'fresh.cdr.xml', whole.body.subarray(0, whole.body.length >> 1), new Date());
    await write(path, 'notes.txt', 'not a CDR');
    // written to for as long as the import runs
    const writing = setInterval(() => utimesSync(fresh, new Date(), new Date()), 200);
    const { out, err } = await switchfleet(['--json', 'cdr', 'import', path, '--delete'], {
      DATABASE_URL: connectionString,
    }).finally(() => clearInterval(writing));
    assert.match(err, /^switchfleet: fresh\.cdr\.xml stays where it is: it is still being written to$/m);
    assert.deepEqual(JSON.parse(out.toString()), {
      imported: files,
      duplicate: 0,
      accepted: 0,
      rejected: 1,
      incomplete: 1,
      refused: 0,
      expired: 0,
    });
    assert.deepEqual((await readdir(path)).toSorted(), [cut, 'fresh.cdr.xml', 'notes.txt']);
    await settled();
    assert.deepEqual(await rows('select reason, path, uuid from cdr_rejects'), [
      { reason: 'cdr-truncated', path: `file:${cut}`, uuid },
    ]);
  });

  test('a file that nests deeper than a stack is high concerns itself only', async (t) => {
    const { path, files } = await spool(t);
    const { connectionString, rows, settled } = await cdrStore(t);
    // the first and the last that is read
    const deep = `{"variables":{"start_uepoch":"1795207837117054"},"callStats":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
    for (const name of ['0.cdr.json', 'zz.cdr.json'])
      await write(path, name, deep.replace('1}', `"${name}"}`));
    const { code, err, out } = await switchfleet(['--json', 'cdr', 'import', path, '--delete'], {
      DATABASE_URL: connectionString,
    });
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual(JSON.parse(out.toString()), {
      ...{ imported: files + 2, duplicate: 0, expired: 0, accepted: 0, rejected: 0 },
      ...{ incomplete: 0, refused: 0 },
    });
    await settled();
    assert.deepEqual(await rows("select uuid from cdr where uuid in ('0', 'zz') order by uuid"), [
      { uuid: '0' },
      { uuid: 'zz' },
    ]);
    assert.deepEqual(await readdir(path), []);
  });

  test('leaves what is of before the retention, also where files are deleted', async (t) => {
    const path = await folder(t);
    const { connectionString, rows, settled } = await cdrStore(t);
    const startUs = (days: number) => (Date.now() - days * 86_400_000) * 1000;
    await write(path, 'old.cdr.xml', xmlCdr({ uuid: 'old', startUs: startUs(100) }));
    await write(path, 'new.cdr.xml', xmlCdr({ uuid: 'new', startUs: startUs(0) }));
    const run = (months: string) =>
      switchfleet(['--json', 'cdr', 'import', path, '--delete'], {
        DATABASE_URL: connectionString,
        CDR_RETENTION_MONTHS: months,
      });
    const { code, out, err } = await run('1');
    const { imported, expired } = JSON.parse(out.toString());
    assert.deepEqual([code, imported, expired], [0, 1, 1]);
    assert.match(err, /old\.cdr\.xml stays where it is: .*CDR_RETENTION_MONTHS/);
    assert.deepEqual(await readdir(path), ['old.cdr.xml']);
    assert.deepEqual(JSON.parse((await run('24')).out.toString()).imported, 1);
    assert.deepEqual(await readdir(path), []);
    await settled();
    assert.deepEqual(await rows('select uuid from cdr order by uuid'), [{ uuid: 'new' }, { uuid: 'old' }]);
  });

  test('keeps a reject as long as one that was posted now, however old the file is', async (t) => {
    const path = await folder(t);
    const { connectionString, rows, settled } = await cdrStore(t);
    await write(path, 'cut.cdr.xml', xmlCdr({}).slice(0, 300), new Date('2016-01-02T03:04:05Z'));
    await switchfleet(['cdr', 'import', path], { DATABASE_URL: connectionString });
    await settled();
    const found = await rows<{ detail: string; is_new: boolean }>(
      "select detail, last_received_at > now() - interval '5 minutes' as is_new from cdr_rejects",
    );
    assert.deepEqual(
      found.map(({ is_new }) => is_new),
      [true],
    );
    assert.match(found[0]?.detail ?? '', /\(a file of 2016-01-02T03:04:05\.000Z\)$/);
  });

  test('moves what is durable out of the way', async (t) => {
    const { path, files } = await spool(t);
    const { connectionString } = await cdrStore(t);
    const done = join(path, 'done');
    await switchfleet(['cdr', 'import', path, '--move-to', done], { DATABASE_URL: connectionString });
    assert.equal((await readdir(done)).length, files);
    assert.deepEqual(await readdir(path), ['done']);
    const { out } = await switchfleet(['--json', 'cdr', 'import', path, '--move-to', done], {
      DATABASE_URL: connectionString,
    });
    assert.deepEqual(JSON.parse(out.toString()), {
      imported: 0,
      duplicate: 0,
      accepted: 0,
      rejected: 0,
      incomplete: 0,
      refused: 0,
      expired: 0,
    });
  });

  test('deletes nothing when the store is away', async (t) => {
    const { path, files } = await spool(t);
    const { code, err } = await switchfleet(['cdr', 'import', path, '--delete'], {
      DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
      DATABASE_TIMEOUT_MS: '1000',
    });
    assert.equal(code, 1);
    assert.match(err, /database-unavailable/);
    assert.equal((await readdir(path)).length, files);
  });
});

/** So many files at least are imported before the next kill -9. */
const BEFORE_KILL = 100;
const MANY = 900;

/** A spool of so many legs: copies of recorded files, under uuids of their own. */
async function largeSpool(t: TestContext, count: number): Promise<{ path: string; legs: Set<string> }> {
  const path = await folder(t);
  const forms = spoolFiles().filter((file) => file.body.includes(uuidOf(file)));
  const legs = Array.from(
    { length: count },
    (_, at) => `${at.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
  );
  for (const [at, leg] of legs.entries()) {
    const form = forms[at % forms.length] ?? assert.fail();
    await write(path, `a_${leg}.cdr.xml`, form.body.toString('latin1').replaceAll(uuidOf(form), leg));
  }
  return { path, legs: new Set(legs) };
}

test('an import that is killed twice on its way and begun again imports every file once', async (t) => {
  const { path, legs } = await largeSpool(t, MANY);
  const { connectionString, rows, settled } = await cdrStore(t);
  const left = async () => (await readdir(path)).length;
  for (const kill of [1, 2]) {
    const started = await left();
    const run = startChild({
      entry: 'services/cli/main.ts',
      args: ['cdr', 'import', path, '--delete'],
      environment: { DATABASE_URL: connectionString },
    });
    await until('the import is on its way', async () => (await left()) <= started - BEFORE_KILL, 60_000);
    await run.stop('SIGKILL');
    assert.ok((await left()) > BEFORE_KILL, `kill ${kill} came too late`);
  }
  await settled();
  const remaining = new Set((await readdir(path)).map((name) => name.replace(/^a_|\.cdr\.xml$/g, '')));
  const stored = await rows<{ uuid: string }>('select uuid from cdr');
  const lost = [...legs].filter((leg) => !remaining.has(leg) && !stored.some(({ uuid }) => uuid === leg));
  assert.deepEqual(lost, [], 'no file goes before its CDR is durable');

  const { out } = await switchfleet(['--json', 'cdr', 'import', path, '--delete'], {
    DATABASE_URL: connectionString,
  });
  const { imported, duplicate, rejected, incomplete } = JSON.parse(out.toString());
  assert.deepEqual([imported + duplicate, rejected, incomplete], [remaining.size, 0, 0]);
  await settled();
  for (const table of ['cdr', 'cdr_documents']) {
    const found = await rows<{ uuid: string }>(`select uuid from ${table}`);
    assert.equal(found.length, legs.size, `${table}: each once`);
    assert.deepEqual(new Set(found.map(({ uuid }) => uuid)), legs);
  }
  assert.deepEqual(await rows('select uuid from cdr_rejects'), []);
});

describe('switchfleet cdr import of another history', () => {
  test('takes a CSV of mod_cdr_csv, in local time, once, and keeps what is no row', async (t) => {
    const path = await folder(t);
    const { connectionString, rows, settled } = await cdrStore(t);
    const file = join(path, 'Master.csv');
    const line = (uuid: string, start: string) =>
      `"Doe, ""Jo""","+442071838750","1001","public","${start}","${start}","2026-06-01 12:00:10","10","9","NORMAL_CLEARING","${uuid}","","acme","PCMU","PCMU"\n`;
    await writeFile(
      file,
      `${line('leg-a', '2026-06-01 12:00:00')}${line('leg-b', '2026-06-01 12:00:01')}${line('leg-a', '2026-06-01 12:00:00')}${line('', 'never')}`,
    );
    const args = [
      '--json',
      'cdr',
      'import',
      '--csv',
      file,
      '--map',
      'mod_cdr_csv',
      '--node',
      'old01',
      '--time-zone',
      'Europe/Berlin',
    ];
    const run = async () =>
      JSON.parse((await switchfleet(args, { DATABASE_URL: connectionString })).out.toString());
    assert.deepEqual(
      await run(),
      { imported: 2, duplicate: 1, expired: 0, rejected: 1 },
      'one that comes twice in a file is counted once, stored or not',
    );
    await settled();
    assert.deepEqual(
      await rows(`select uuid, switch_name, caller_id_name, destination_number, accountcode, billsec, hangup_cause,
                    to_char(start_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as start from cdr where uuid = 'leg-a'`),
      [
        {
          uuid: 'leg-a',
          switch_name: 'old01',
          caller_id_name: 'Doe, "Jo"',
          destination_number: '1001',
          accountcode: 'acme',
          billsec: 9,
          hangup_cause: 'NORMAL_CLEARING',
          start: '2026-06-01 10:00:00',
        },
      ],
    );
    assert.deepEqual(await run(), { imported: 0, duplicate: 3, expired: 0, rejected: 1 });
    assert.deepEqual(await rows('select reason, switch_name, path, attempts >= 1 as kept from cdr_rejects'), [
      { reason: 'cdr-no-uuid', switch_name: 'old01', path: 'history:Master.csv:4', kept: true },
    ]);
    await writeFile(
      file,
      `${line('leg-a', '2026-06-01 12:00:00').repeat(200)}"never closed${' '.repeat(1_100_000)}`,
    );
    const broken = await switchfleet(args, { DATABASE_URL: connectionString });
    assert.equal(broken.code, 1);
    assert.match(
      broken.err,
      /until then imported 0, duplicate 200, expired 0, rejected 0\n.*csv-unreadable/s,
    );
  });

  test("takes FusionPBX's v_xml_cdr: its documents where it kept them, its columns else", async (t) => {
    const { connectionString, rows, settled } = await cdrStore(t);
    const startUs = 1_795_207_837_117_054;
    const document = {
      'core-uuid': 'c',
      switchname: 'fs01',
      variables: {
        start_uepoch: `${startUs}`,
        end_uepoch: `${startUs + 5_000_000}`,
        billsec: '4',
        sip_call_id: 'from-document',
      },
      callflow: [
        {
          caller_profile: { uuid: '11111111-1111-4111-8111-111111111111', caller_id_number: '1000' },
          times: {},
        },
      ],
    };
    await rows(`create table v_xml_cdr (xml_cdr_uuid uuid, domain_name text, direction text, caller_id_name text, caller_id_number text,
      destination_number text, start_epoch numeric, start_stamp timestamptz, answer_epoch numeric, end_epoch numeric, duration numeric,
      billsec numeric, hangup_cause text, json jsonb, xml text, record_path text, record_name text)`);
    await rows(
      `insert into v_xml_cdr values
        ('11111111-1111-4111-8111-111111111111', 'lab.test', 'inbound', 'A', 'column', '1', 1795207837, now(), null, 1795207842, 5, 4, 'NORMAL_CLEARING', $1, null, null, null),
        ('22222222-2222-4222-8222-222222222222', 'lab.test', 'outbound', 'B', '1001', '2', 1795207837, now(), 1795207838, 1795207842, 5, 4, 'NORMAL_CLEARING', null, null, '/rec', 'b.wav')`,
      [JSON.stringify(document)],
    );
    const args = [
      '--json',
      'cdr',
      'import',
      '--postgres',
      connectionString,
      '--table',
      'v_xml_cdr',
      '--map',
      'fusionpbx',
      '--node',
      'pbx',
    ];
    const { out, err } = await switchfleet(args, { DATABASE_URL: connectionString });
    assert.deepEqual(
      [JSON.parse(out.toString()), err],
      [{ imported: 2, duplicate: 0, expired: 0, rejected: 0 }, ''],
    );
    await settled();
    assert.deepEqual(
      await rows(
        'select caller_id_number, switch_name, sip_call_id, domain, recording_path, billsec from cdr order by uuid',
      ),
      [
        {
          caller_id_number: '1000',
          switch_name: 'fs01',
          sip_call_id: 'from-document',
          domain: null,
          recording_path: null,
          billsec: 4,
        },
        {
          caller_id_number: '1001',
          switch_name: 'pbx',
          sip_call_id: null,
          domain: 'lab.test',
          recording_path: '/rec/b.wav',
          billsec: 4,
        },
      ],
    );
  });

  test('takes the table of mod_cdr_pg_csv, of which an unanswered call has no answer', async (t) => {
    const { connectionString, rows, settled } = await cdrStore(t);
    await rows('create schema old');
    await rows(`create table old.cdr (id serial, local_ip_v4 inet, caller_id_name text, caller_id_number text, destination_number text,
      context text, start_stamp timestamptz, answer_stamp timestamptz, end_stamp timestamptz, duration int, billsec int,
      hangup_cause text, uuid uuid, bleg_uuid uuid, accountcode text, read_codec text, write_codec text,
      sip_hangup_disposition text, ani text)`);
    await rows(`insert into old.cdr (local_ip_v4, caller_id_number, destination_number, start_stamp, answer_stamp, end_stamp, duration, billsec, hangup_cause, uuid)
      values ('192.0.2.1', '1000', '1001', '2026-11-01 12:00:00+02', '2026-11-01 12:00:04+02', '2026-11-01 12:00:10+02', 10, 6, 'NORMAL_CLEARING', '11111111-1111-4111-8111-111111111111'),
             ('192.0.2.1', '1000', '1002', '2026-11-01 12:01:00+02', null, '2026-11-01 12:01:10+02', 10, 0, 'NO_ANSWER', '22222222-2222-4222-8222-222222222222')`);
    const args = [
      ...['--json', 'cdr', 'import', '--postgres', connectionString, '--table', 'old.cdr'],
      ...['--map', 'mod_cdr_pg_csv', '--node', 'old02'],
    ];
    const { out, err } = await switchfleet(args, { DATABASE_URL: connectionString });
    assert.deepEqual(
      [JSON.parse(out.toString()), err],
      [{ imported: 2, duplicate: 0, expired: 0, rejected: 0 }, ''],
    );
    await settled();
    const stored =
      await rows(`select destination_number, switch_name, hangup_cause, billsec, answer_at is null as unanswered,
      to_char(start_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as start from cdr order by start_at`);
    assert.deepEqual(stored, [
      {
        ...{ destination_number: '1001', switch_name: 'old02', hangup_cause: 'NORMAL_CLEARING', billsec: 6 },
        ...{ unanswered: false, start: '2026-11-01 10:00:00' },
      },
      {
        ...{ destination_number: '1002', switch_name: 'old02', hangup_cause: 'NO_ANSWER', billsec: 0 },
        ...{ unanswered: true, start: '2026-11-01 10:01:00' },
      },
    ]);
  });

  test('gives no row to the leg of another, and says of what it cannot read where that was', async (t) => {
    const path = await folder(t);
    const { connectionString, rows, settled } = await cdrStore(t);
    const file = join(path, 'Master.csv');
    const line = (name: string, uuid: string, peer: string, end = '2026-06-03 12:01:00') =>
      `"${name}","1","2000","public","2026-06-03 12:00:00","","${end}","60","55","NORMAL_CLEARING","${uuid}","${peer}","acme","PCMU","PCMU"\n`;
    await writeFile(
      file,
      `${line('Jo "X"', 'leg-a', 'leg-b')}${line('Jo', 'leg-b', 'leg-a')}${line('Al', 'leg-c', '', '2026-02-31 12:01:00')}${line('Cut', 'leg-0001-and-more', '').slice(0, 105)}`,
    );
    const args = ['--json', 'cdr', 'import', '--csv', file, '--map', 'mod_cdr_csv'];
    const unnamed = await switchfleet(args, { DATABASE_URL: connectionString });
    assert.deepEqual([unnamed.code, unnamed.err.includes('(value-refused)')], [1, true], unnamed.err);
    const { out, err } = await switchfleet([...args, '--node', 'old01'], { DATABASE_URL: connectionString });
    const report = { imported: 2, duplicate: 0, expired: 0, rejected: 2 };
    assert.deepEqual([JSON.parse(out.toString()), err], [report, '']);
    await settled();
    assert.deepEqual(await rows('select uuid, caller_id_name as name from cdr order by uuid'), [
      { uuid: 'leg-a', name: 'Jo "X"' },
      { uuid: 'leg-b', name: 'Jo' },
    ]);
    const kept = await rows<{ detail: string }>(
      'select reason, switch_name, uuid, path, detail from cdr_rejects order by path',
    );
    assert.deepEqual(
      kept.map(({ detail, ...rest }) => ({ ...rest, detail: detail.slice(0, 16) })),
      [
        {
          ...{ reason: 'cdr-malformed', switch_name: 'old01', uuid: 'leg-c', path: 'history:Master.csv:3' },
          detail: 'there is no 2026',
        },
        {
          ...{ reason: 'cdr-malformed', switch_name: 'old01', uuid: null, path: 'history:Master.csv:4' },
          detail: 'the file ends wi',
        },
      ],
    );
    const replay = ['cdr', 'rejects', 'replay', '--all'];
    const again = await switchfleet(replay, { DATABASE_URL: connectionString });
    assert.match(again.err, /^0 posted again, 2 still rejects/);
  });

  test('says how much is past its retention, and what to do about it', async (t) => {
    const path = await folder(t);
    const { connectionString, rows, settled } = await cdrStore(t, { CDR_RETENTION_MONTHS: '12' });
    const file = join(path, 'Master.csv');
    const line = (uuid: string, daysAgo: number) => {
      const start = new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 19).replace('T', ' ');
      return `"Jo","1","2000","public","${start}","","${start}","0","0","NO_ANSWER","${uuid}","","acme","PCMU","PCMU"\n`;
    };
    await writeFile(file, `${line('old-1', 800)}${line('old-2', 500)}${line('new', 200)}`);
    const args = ['cdr', 'import', '--csv', file, '--map', 'mod_cdr_csv', '--node', 'old01'];
    const run = (months: string) =>
      switchfleet(args, { DATABASE_URL: connectionString, CDR_RETENTION_MONTHS: months });
    const first = await run('12');
    assert.equal(first.out.toString(), 'imported 1, duplicate 0, expired 2, rejected 0\n');
    assert.match(
      first.err,
      /^2 began before what CDR_RETENTION_MONTHS=12 keeps and were not imported: raise/,
    );
    await settled();
    assert.deepEqual(await rows('select uuid from cdr'), [{ uuid: 'new' }]);
    const second = await run('60');
    assert.deepEqual(
      [second.out.toString(), second.err],
      ['imported 2, duplicate 1, expired 0, rejected 0\n', ''],
    );
  });

  test("replaces another system's rows by FreeSWITCH's own documents, once", async (t) => {
    const { connectionString, rows, settled } = await cdrStore(t);
    const uuid = 'bbbbbbbb-0000-4000-8000-000000000001';
    const document = {
      'core-uuid': 'c',
      switchname: 'fs01',
      variables: { start_uepoch: '1795207837117054', end_uepoch: '1795207842117054', sip_call_id: 'own' },
      callflow: [{ caller_profile: { uuid, caller_id_number: '1000' }, times: {} }],
    };
    await rows(`create schema fv`);
    await rows(`create table fv."v.xml" (xml_cdr_uuid uuid, start_epoch numeric, end_epoch numeric, t text)`);
    await rows(`insert into fv."v.xml" values ($1, 1795207837, 1795207842, 'x')`, [uuid]);
    await rows(`create table fv.documents (id uuid, json jsonb)`);
    await rows('insert into fv.documents values ($1, $2)', [uuid, JSON.stringify(document)]);
    await rows(
      `create view fv.cdr_history as select c.*, j.json as document from fv."v.xml" c join fv.documents j on id = xml_cdr_uuid`,
    );
    const run = async (table: string) => {
      const args = ['--json', 'cdr', 'import', '--postgres', connectionString, '--table', table];
      const { out, err } = await switchfleet([...args, '--map', 'fusionpbx', '--node', 'pbx'], {
        DATABASE_URL: connectionString,
      });
      assert.equal(err, '');
      await settled();
      const { imported, duplicate } = JSON.parse(out.toString());
      return [imported, duplicate];
    };
    const stored = () => rows('select switch_name, imported, sip_call_id from cdr');
    assert.deepEqual(await run('fv."v.xml"'), [1, 0]);
    assert.deepEqual(await stored(), [{ switch_name: 'pbx', imported: true, sip_call_id: null }]);
    assert.deepEqual(await run('fv.cdr_history'), [1, 0]);
    assert.deepEqual(await stored(), [{ switch_name: 'fs01', imported: false, sip_call_id: 'own' }]);
    assert.deepEqual(await run('fv.cdr_history'), [0, 1]);
    assert.deepEqual(await run('fv."v.xml"'), [0, 1], 'and the row does not come back');
  });

  test('names what is wrong with a map', async (t) => {
    const path = await folder(t);
    await writeFile(join(path, 'map.json'), '{"description":"x","documents":[],"fields":{"uuid":"id"}}');
    const { code, err } = await switchfleet(
      ['cdr', 'import', '--csv', 'x.csv', '--map', join(path, 'map.json')],
      {},
    );
    assert.equal(code, 1);
    assert.match(err, /it has no field start_uepoch \(map-unreadable\)/);
  });
});
