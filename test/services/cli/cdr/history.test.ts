import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseCdr } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import { groupsOf } from '../../../../services/cli/commands/cdr/groups.ts';
import { csvRows } from '../../../../services/cli/commands/cdr/history/csv-rows.ts';
import {
  checkColumns,
  checkNode,
  readHistoryMap,
} from '../../../../services/cli/commands/cdr/history/history-map.ts';
import { type PlacedRow, ROWS_TOGETHER } from '../../../../services/cli/commands/cdr/history/placed-row.ts';
import { documentsOf } from '../../../../services/cli/commands/cdr/history/row-document.ts';
import { tableName } from '../../../../services/cli/commands/cdr/history/table-name.ts';
import { readTimestamps, zoneOf } from '../../../../services/cli/commands/cdr/history/timestamp.ts';

async function placedRowsOf(t: TestContext, bytes: Buffer, header?: string[]): Promise<PlacedRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-csv-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'a.csv');
  writeFileSync(file, bytes);
  const rows: PlacedRow[] = [];
  for await (const row of csvRows(file, header)) rows.push(row);
  return rows;
}

async function rowsOf(t: TestContext, bytes: Buffer, header?: string[]): Promise<unknown[]> {
  return (await placedRowsOf(t, bytes, header)).map(({ row }) => row);
}

test('a byte order mark and CRLF are no part of a CSV file, with a header line and without', async (t) => {
  const text = '\ufeff"id",name\r\n1,"a\r\nb"\r\n\r\n2,';
  assert.deepEqual(await rowsOf(t, Buffer.from(text)), [
    { id: '1', name: 'a\r\nb' },
    { id: '2', name: '' },
  ]);
  assert.deepEqual((await rowsOf(t, Buffer.from(text), ['x', 'y']))[0], { x: 'id', y: 'name' });
  await assert.rejects(rowsOf(t, Buffer.from(text, 'utf16le')), { code: 'csv-unreadable' });
});

test("a caller's name stays whole: quotes that nobody doubled, commas, and both encodings in one file", async (t) => {
  const bytes = Buffer.concat([
    Buffer.from('"Jo "X" Y","1"\n"Doe, ""Jo""","2"\n"\u00fc\u20ac","3"\n'),
    Buffer.from('"J\u00fc\u0080","4"\n', 'latin1'),
  ]);
  assert.deepEqual(await rowsOf(t, bytes, ['name', 'id']), [
    { name: 'Jo "X" Y', id: '1' },
    { name: 'Doe, "Jo"', id: '2' },
    { name: '\u00fc\u20ac', id: '3' },
    { name: 'J\u00fc\u20ac', id: '4' },
  ]);
});

test('a row that its header line does not fit is never read by it, and a map that fits no row is refused', async (t) => {
  const rows = await rowsOf(t, Buffer.from('id,start\na,b,c\nd,e\n'));
  assert.deepEqual(rows, [
    { 0: 'a', 1: 'b', 2: 'c' },
    { id: 'd', start: 'e' },
  ]);
  const map = { description: '', documents: [], fields: { uuid: 'uuid', start_uepoch: 'start' } };
  checkColumns(map, { uuid: '' });
  assert.throws(() => checkColumns(map, { id: 'd', start: 'e' }), {
    code: 'map-mismatch',
    message: /column uuid, and there are id, start/,
  });
});

test('a local time is read in its zone, and where a clock was put back the earlier one', () => {
  const utc = (text: string, zone: string) => {
    const [us] = readTimestamps(text, zoneOf(zone));
    assert.ok(us !== undefined, text);
    return new Date(us / 1000).toISOString();
  };
  for (const [text, expected] of [
    ['2026-06-01 12:00:00', '2026-06-01T10:00:00.000Z'],
    ['2026-12-01 12:00:00', '2026-12-01T11:00:00.000Z'],
    ['2026-10-25 01:59:59', '2026-10-24T23:59:59.000Z'],
    ['2026-10-25 02:30:00', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25 03:00:00', '2026-10-25T02:00:00.000Z'],
    ['2026-03-29 01:59:59', '2026-03-29T00:59:59.000Z'],
    ['2026-03-29 02:30:00', '2026-03-29T01:30:00.000Z'],
    ['2026-03-29 03:00:00', '2026-03-29T01:00:00.000Z'],
    ['2026-06-01T12:00:00.123+05:30', '2026-06-01T06:30:00.123Z'],
  ] as const)
    assert.equal(utc(text, 'Europe/Berlin'), expected, text);
  assert.equal(utc('2026-11-01 01:30:00', 'America/New_York'), '2026-11-01T05:30:00.000Z');
  assert.throws(() => zoneOf('Mars/Phobos'), RangeError);
});

test("a row's values are read as they are, percent signs too", () => {
  const map = {
    description: '',
    documents: [],
    fields: { uuid: 'id', start_uepoch: 'us', accountcode: 'account' },
  };
  const row = { id: 'leg-1', us: '1795207837117054', account: 'a%41%20b' };
  const [body = assert.fail()] = documentsOf(row, { map, node: 'old01', zone: zoneOf('UTC') }).bodies;
  const parsed = parseCdr(body, { receivedUs: 1, keepVariable: () => true });
  assert.ok('ok' in parsed, JSON.stringify(parsed));
  assert.deepEqual([parsed.ok.cdr.accountcode, parsed.ok.cdr.switch_name], ['a%41%20b', 'old01']);
});

/** What the columns of a row of FusionPBX's v_xml_cdr become, without its document. */
async function ofFusionPbx(row: Record<string, unknown>) {
  const map = await readHistoryMap('fusionpbx');
  const { bodies } = documentsOf(
    { start_epoch: 1795207837, ...row },
    { map, node: 'p', zone: zoneOf('UTC') },
  );
  const parsed = parseCdr(bodies[0] ?? assert.fail(), { receivedUs: 1, keepVariable: () => true });
  assert.ok('ok' in parsed, JSON.stringify(parsed));
  return parsed.ok;
}

test('of FusionPBX a row says which leg it is, and the leg that made it: unanswered ones have no other tie', async () => {
  const rows = [
    { xml_cdr_uuid: 'a', leg: 'a', direction: 'inbound', cc_side: 'member', last_app: 'voicemail' },
    { xml_cdr_uuid: 'b', leg: 'b', direction: 'inbound', originating_leg_uuid: 'a' },
    { xml_cdr_uuid: 'agent', leg: 'a', direction: 'inbound', cc_side: 'agent', cc_member_session_uuid: 'a' },
    { xml_cdr_uuid: 'caller', leg: 'a', direction: 'outbound' },
    { uuid: 'old', leg: 'a', direction: 'local' },
  ];
  const seen = (await Promise.all(rows.map(ofFusionPbx))).map(({ cdr, variables, leg_variables }) => [
    cdr.uuid,
    cdr.direction,
    variables['call_direction'],
    leg_variables['originating_leg_uuid'] ?? leg_variables['cc_member_session_uuid'],
    leg_variables['last_app'],
  ]);
  assert.deepEqual(seen, [
    ['a', 'inbound', 'inbound', undefined, 'voicemail'],
    ['b', 'outbound', 'inbound', 'a', undefined],
    ['agent', 'outbound', 'inbound', 'a', undefined],
    // the call's direction, which is not the leg's; what FreeSWITCH said of the leg no column has
    ['caller', null, 'outbound', undefined, undefined],
    ['old', null, 'local', undefined, undefined],
  ]);
});

test('of FusionPBX its voicemail, a Lua script, is voicemail', async () => {
  const lua = { xml_cdr_uuid: 'a', last_app: 'lua' };
  const app = async (row: Record<string, unknown>) => (await ofFusionPbx(row)).leg_variables['last_app'];
  assert.equal(await app({ ...lua, last_arg: 'app.lua voicemail', voicemail_message: false }), 'voicemail');
  assert.equal(await app({ ...lua, last_app: 'hangup', voicemail_message: true }), 'voicemail');
  assert.equal(await app({ ...lua, last_arg: 'app.lua ring_groups', voicemail_message: 'f' }), 'lua');
});

const NAMES = ['name', 'number', 'uuid', 'codec'];

/** What a test looks at: flaws by whether there is one. */
function seen({ row, place, flaw }: PlacedRow): unknown {
  return flaw === undefined ? [place, ...Object.values(row)] : [place, 'flaw', ...Object.values(row)];
}

test('a row without a header line that is ragged by RFC 4180 is read as mod_cdr_csv wrote it, or not at all', async (t) => {
  const lines = [
    '"Jo "X"","1","leg-a","PCMU"',
    '"Al","2","leg-b","PCMU""',
    '"Bo","3","leg-c",""',
    '"","4","leg-d",""G""',
    '"Di","5","leg-e","PCMU"',
    '"a","b","6","leg-f","PCMU"',
    '"Jo"","7","20","leg-x","leg-g"',
    'plain,8,leg-h,',
    'plain,9,leg-i',
    '"Jo "Y" Z",10,leg-j,"x"',
    '"Jo",","11","leg-k","PCMU"',
  ];
  const rows = await placedRowsOf(t, Buffer.from(`${lines.join('\r\n')}\r\n`), NAMES);
  assert.deepEqual(rows.map(seen), [
    ['a.csv:1', 'Jo "X"', '1', 'leg-a', 'PCMU'],
    ['a.csv:2', 'Al', '2', 'leg-b', 'PCMU"'],
    ['a.csv:3', 'Bo', '3', 'leg-c', ''],
    ['a.csv:4', '', '4', 'leg-d', '"G"'],
    ['a.csv:5', 'Di', '5', 'leg-e', 'PCMU'],
    ['a.csv:6', 'flaw', lines[5]],
    // as many fields as there are names by RFC 4180, with those of another leg
    ['a.csv:7', 'flaw', 'Jo","7', '20', 'leg-x', 'leg-g'],
    ['a.csv:8', 'plain', '8', 'leg-h', ''],
    ['a.csv:9', 'flaw', lines[8]],
    ['a.csv:10', 'Jo "Y" Z', '10', 'leg-j', 'x'],
    // a name may be Jo, or Jo",
    ['a.csv:11', 'flaw', 'Jo', ',"11', 'leg-k', 'PCMU'],
  ]);
});

test('a row in whose middle the file ends is no row, with a header line and without', async (t) => {
  const cut = '"Cut","1","leg-0001-and-mo';
  const [whole, open] = await placedRowsOf(t, Buffer.from(`"Jo","1","leg-a"\n${cut}`), NAMES.slice(0, 3));
  assert.deepEqual(whole?.row, { name: 'Jo', number: '1', uuid: 'leg-a' });
  assert.match(open?.flaw ?? '', /may have been cut/);
  assert.deepEqual(open?.row, { 0: cut });
  const [, named] = await placedRowsOf(t, Buffer.from(`name,number,uuid\n"Jo","1","leg-a"\n${cut}`));
  assert.match(named?.flaw ?? '', /may have been cut/);
  assert.equal(named?.place, 'a.csv:3');
});

const TIMED = {
  description: '',
  documents: [],
  fields: {
    uuid: 'id',
    start_uepoch: { column: 'start', as: 'timestamp' },
    answer_uepoch: { column: 'answer', as: 'timestamp' },
    end_uepoch: { column: 'end', as: 'timestamp' },
    duration: 'duration',
    billsec: 'billsec',
  },
} as const;

/** The times of a row as FreeSWITCH's variables, or why it has none. */
function timesOf(row: Record<string, string>, zone = 'Europe/Berlin'): unknown {
  const map = structuredClone(TIMED) as unknown as Parameters<typeof documentsOf>[1]['map'];
  const { bodies, flaw } = documentsOf({ id: 'leg', ...row }, { map, node: 'n', zone: zoneOf(zone) });
  const { variables } = JSON.parse(bodies[0]?.toString() ?? '');
  const iso = (us: string | undefined) => us && new Date(Number(us) / 1000).toISOString().slice(11, 19);
  return flaw ?? [variables.start_uepoch, variables.answer_uepoch, variables.end_uepoch].map(iso);
}

test('a time that there never was makes a row a reject, and one that means never does not', () => {
  const start = '2026-06-01 12:00:00';
  for (const text of [
    '2026-02-31 12:00:00',
    '2026-13-45 99:99:99',
    '2026-06-01 24:00:01',
    '2025-02-29 00:00:00+02',
  ]) {
    assert.match(String(timesOf({ start: text })), /there is no 202[56]-.*column start/, text);
    assert.match(String(timesOf({ start, end: text })), /column end/, text);
  }
  assert.deepEqual(timesOf({ start, answer: '0000-00-00 00:00:00', end: start }), [
    '10:00:00',
    undefined,
    '10:00:00',
  ]);
  assert.deepEqual(timesOf({ start: '2028-02-29 23:59:59', end: '' }), ['22:59:59', undefined, undefined]);
});

test('the zero of a clock, in the hour of any zone, is no answer: such a call has no talk time', async () => {
  for (const never of ['1970-01-01 00:00:00+00', '1970-01-01 01:00:00', '1970-01-01 14:00:00']) {
    const [start, answer] = timesOf({ start: '2026-06-01 12:00:00', answer: never }, 'UTC') as unknown[];
    assert.deepEqual([start, answer], ['12:00:00', undefined], never);
  }
  const { cdr } = await ofFusionPbx({
    xml_cdr_uuid: 'leg',
    answer_epoch: '0',
    answer_stamp: '1970-01-01T01:00:00',
  });
  assert.equal(cdr.answer_us, null);
});

test('a call while a clock is put back ends after it began, and takes as long as its row says', () => {
  const times = (start: string, answer: string, end: string, lasted: Record<string, string> = {}) =>
    timesOf({
      start: `2026-10-25 ${start}`,
      answer: answer && `2026-10-25 ${answer}`,
      end: `2026-10-25 ${end}`,
      ...lasted,
    });
  const minutes = { duration: '1200', billsec: '1195' };
  assert.deepEqual(times('02:50:00', '02:50:05', '02:10:00'), ['00:50:00', '00:50:05', '01:10:00']);
  assert.deepEqual(times('02:50:00', '02:50:05', '02:10:00', minutes), ['00:50:00', '00:50:05', '01:10:00']);
  assert.deepEqual(times('02:50:00', '02:05:00', '02:10:00'), ['00:50:00', '01:05:00', '01:10:00']);
  assert.deepEqual(times('02:50:00', '02:50:05', '03:10:00', minutes), ['01:50:00', '01:50:05', '02:10:00']);
  assert.deepEqual(times('01:55:00', '02:05:00', '03:10:00', { duration: '8100', billsec: '3900' }), [
    '23:55:00',
    '01:05:00',
    '02:10:00',
  ]);
  assert.deepEqual(times('02:10:00', '', '02:20:00', { duration: '0' }), ['00:10:00', undefined, '00:20:00']);
  // one column has fractions of a second, the other none
  assert.deepEqual(times('02:10:00.7', '', '02:10:00'), ['00:10:00', undefined, '00:10:00']);
});

test('whose history it is must be said, by --node or by a column that is there', () => {
  const map = { description: '', documents: [], fields: { uuid: 'id', switchname: ['switchname', 'host'] } };
  const { switchname: _, ...unnamed } = map.fields;
  checkNode({ map, node: 'old01' }, { id: '' });
  checkNode({ map, node: undefined });
  checkNode({ map, node: undefined }, { host: 'x' });
  const refused = { code: 'value-refused', message: /--node is missing/ };
  assert.throws(() => checkNode({ map, node: undefined }, { id: '' }), refused);
  assert.throws(() => checkNode({ map: { ...map, fields: unnamed }, node: '' }), refused);
});

test('rows go together by bytes, and those before a failure go all the same', async () => {
  const rows = async function* (sizes: readonly number[]) {
    for (const bytes of sizes) yield { row: {}, place: '', bytes };
    throw new Error('cut');
  };
  const found: number[][] = [];
  const read = async () => {
    const MiB = 1024 * 1024;
    for await (const group of groupsOf(rows([1, 9 * MiB, 5 * MiB, 3 * MiB, 1]), ROWS_TOGETHER))
      found.push(group.map(({ bytes }) => bytes / MiB));
  };
  await assert.rejects(read(), /cut/);
  assert.deepEqual(
    found.map((group) => group.map(Math.floor)),
    [[0], [9], [5, 3], [0]],
  );
});

test('a table is named with its schema, and in quotes where its own name has a dot', () => {
  assert.equal(tableName('v_xml_cdr'), '"v_xml_cdr"');
  assert.equal(tableName('Old.cdr'), '"Old"."cdr"');
  assert.equal(tableName('"my.table"'), '"my.table"');
  assert.equal(tableName('old."a.""b"'), '"old"."a.""b"');
  for (const text of ['', '.', 'a..b', 'a."b', '"a"b', 'a"b'])
    assert.throws(() => tableName(text), { code: 'value-refused' }, text);
});
