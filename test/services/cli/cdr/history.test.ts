import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseCdr } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import { csvRows } from '../../../../services/cli/commands/cdr/history/csv-rows.ts';
import { fits } from '../../../../services/cli/commands/cdr/history/history-map.ts';
import { bodiesOf } from '../../../../services/cli/commands/cdr/history/row-document.ts';
import { readTimestamp, zoneOf } from '../../../../services/cli/commands/cdr/history/timestamp.ts';

async function rowsOf(t: TestContext, bytes: Buffer, header?: string[]): Promise<unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-csv-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'a.csv');
  writeFileSync(file, bytes);
  const rows: unknown[] = [];
  for await (const row of csvRows(file, header)) rows.push(row);
  return rows;
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
  assert.equal(fits(map, { 0: 'a' }), false);
  assert.equal(fits(map, { uuid: '' }), true);
  assert.throws(() => fits(map, { id: 'd', start: 'e' }), {
    code: 'map-mismatch',
    message: /column uuid, and there are id, start/,
  });
});

test('a local time is read in its zone, and where a clock was put back the earlier one', () => {
  const utc = (text: string, zone: string) => {
    const us = readTimestamp(text, zoneOf(zone)) ?? assert.fail(text);
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
  const [body = assert.fail()] = bodiesOf(row, { map, node: 'old01', zone: zoneOf('UTC') });
  const parsed = parseCdr(body, { receivedUs: 1, keepVariable: () => true });
  assert.ok('ok' in parsed, JSON.stringify(parsed));
  assert.deepEqual([parsed.ok.cdr.accountcode, parsed.ok.cdr.switch_name], ['a%41%20b', 'old01']);
});
