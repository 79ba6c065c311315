import assert from 'node:assert/strict';
import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createClock } from '../../../../libs/clock/clock.ts';
import { loadConfig } from '../../../../libs/config/config.ts';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import {
  type Destination,
  serviceDestination,
} from '../../../../services/cli/commands/cdr/spool/destination.ts';
import { createFileExpiry } from '../../../../services/cli/commands/cdr/spool/expiry.ts';
import { createJournal, openJournal } from '../../../../services/cli/commands/cdr/spool/journal.ts';
import type { SpoolReport } from '../../../../services/cli/commands/cdr/spool/spool-report.ts';
import { xmlCdr } from '../../../libs/freeswitch/cdr/xml-cdr.ts';
import { filesIn, folderOf, run, watchFor, write } from './spool-folder.ts';

/** How many files go together at most. */
const FILES_TOGETHER = 64;
const URL_A = new URL('http://127.0.0.1:1/cdr');

test('a file that is moved takes the place of none, and the same bytes are not kept twice', async (t) => {
  const folder = folderOf(t);
  const done = folderOf(t);
  for (const name of ['log/1.cdr.xml', 'err/1.cdr.xml', '2.cdr.xml']) write(folder, name);
  await run(folder, { kind: 'move', folder: done });
  assert.deepEqual(filesIn(done), ['2.cdr.xml', 'err/1.cdr.xml', 'log/1.cdr.xml']);
  write(folder, 'log/1.cdr.xml');
  write(folder, '2.cdr.xml', xmlCdr({ callerName: 'another' }));
  await run(folder, { kind: 'move', folder: done });
  assert.deepEqual(filesIn(done), ['2.1.cdr.xml', '2.cdr.xml', 'err/1.cdr.xml', 'log/1.cdr.xml']);
  assert.deepEqual(filesIn(folder), []);
});

test('a file that cannot be moved, or that another importer took, holds up none behind it and is posted once', async (t) => {
  const folder = folderOf(t);
  const notFolder = join(folderOf(t), 'file');
  writeFileSync(notFolder, '');
  for (const name of ['1.cdr.xml', '2.cdr.xml']) write(folder, name);
  const journal = createJournal();
  const first = await run(folder, { kind: 'move', folder: notFolder }, { journal });
  assert.deepEqual([first.report.accepted, first.told.length], [2, 2]);
  assert.match(first.told[0] ?? '', /1\.cdr\.xml: its CDR is durable, and it cannot be moved/);
  assert.deepEqual((await run(folder, { kind: 'move', folder: notFolder }, { journal })).posted, []);

  const rival: Destination = async (files) => {
    for (const { path } of files) rmSync(path);
    return files.map(() => 'accepted');
  };
  const raced = await run(folder, { kind: 'delete' }, { destination: rival });
  assert.deepEqual([raced.report.accepted, raced.told], [2, []]);

  for (let at = 0; at <= FILES_TOGETHER; at += 1) write(folder, `${at}.cdr.xml`);
  const greedy: Destination = async (files) => {
    for (const name of filesIn(folder)) rmSync(join(folder, name));
    return files.map(() => 'accepted');
  };
  const { report } = await run(folder, { kind: 'delete' }, { destination: greedy });
  assert.deepEqual([report.accepted, report.incomplete], [FILES_TOGETHER, 0], 'one is another importer’s');
});

test('a journal says what one service has, and a file that was left is deleted when that is asked for', async (t) => {
  const folder = folderOf(t);
  for (const name of ['1.cdr.xml', 'cut.cdr.xml']) write(folder, name);
  write(folder, 'cut.cdr.xml', xmlCdr({}).slice(0, 300));
  const open = (url: URL, isLeaving: boolean) =>
    openJournal({ folder, name: '.journal', url, isLeaving, onReadOnly: () => assert.fail() });
  const leave = async (url: URL) => run(folder, { kind: 'leave' }, { journal: await open(url, true) });
  assert.deepEqual((await leave(URL_A)).posted, ['1.cdr.xml', 'cut.cdr.xml']);
  assert.deepEqual((await leave(URL_A)).report.duplicate, 2);
  assert.equal((await leave(new URL('http://127.0.0.1:2/cdr'))).posted.length, 2);
  const deleted = await run(folder, { kind: 'delete' }, { journal: await open(URL_A, false) });
  assert.deepEqual(deleted.posted, ['1.cdr.xml'], 'and what was cut is not rejected again');
  assert.deepEqual(filesIn(folder), ['.journal', 'cut.cdr.xml']);
  await (await open(URL_A, true)).forget();
  assert.ok(!existsSync(join(folder, '.journal')));
});

test('a person waits for files that were copied just now; what still changes then is left', async (t) => {
  const folder = folderOf(t);
  for (const name of ['1.cdr.xml', 'growing.cdr.xml']) writeFileSync(join(folder, name), xmlCdr({}));
  const clock = { ...createClock(), sleep: async () => undefined };
  const copiedUs = clock.nowUs();
  const at = (seconds: number) => utimesSync(join(folder, 'growing.cdr.xml'), seconds, seconds);
  utimesSync(join(folder, '1.cdr.xml'), copiedUs / 1e6, copiedUs / 1e6);
  let nowUs = copiedUs;
  const waiting = {
    ...clock,
    nowUs: () => nowUs,
    sleep: async (ms: number) => {
      nowUs += ms * 1000;
      at(nowUs / 1e6);
    },
  };
  at(copiedUs / 1e6);
  const impatient = await run(folder, { kind: 'delete' }, { clock: waiting, cutAfterMs: 2_000 });
  assert.deepEqual([impatient.report.incomplete, impatient.posted], [2, []]);
  const patient = await run(
    folder,
    { kind: 'delete' },
    { clock: waiting, cutAfterMs: 2_000, isPatient: true },
  );
  assert.deepEqual([patient.report.incomplete, patient.posted], [1, ['1.cdr.xml']]);
  assert.deepEqual(patient.told, ['growing.cdr.xml: it is still being written to']);
});

/** A clock whose sleeps take no time. */
function leapingClock() {
  let nowUs = Date.UTC(2026, 10, 20) * 1000;
  const sleep = async (ms: number) => {
    nowUs += ms * 1000;
  };
  return { ...createClock(), nowUs: () => nowUs, sleep };
}

test('a file that says it is of the future is settled when it stays as it is', async (t) => {
  const folder = folderOf(t);
  const future = (name: string, body?: string, year = 2030) => {
    write(folder, name, body);
    utimesSync(join(folder, name), new Date(`${year}-01-01`), new Date(`${year}-01-01`));
  };
  for (const name of ['whole.cdr.xml', 'growing.cdr.xml']) future(name);
  future('cut.cdr.xml', xmlCdr({}).slice(0, 300));
  const clock = leapingClock();
  const sleep = async (ms: number) => {
    await clock.sleep(ms);
    future('growing.cdr.xml', undefined, 2031);
  };
  const options = { clock: { ...clock, sleep }, cutAfterMs: 2_000, isPatient: true };
  const { report, posted, told } = await run(folder, { kind: 'delete' }, options);
  assert.deepEqual([report.incomplete, posted], [1, ['cut.cdr.xml', 'whole.cdr.xml']]);
  assert.deepEqual(told, ['growing.cdr.xml: it is still being written to']);
  assert.deepEqual(filesIn(folder), ['cut.cdr.xml', 'growing.cdr.xml']);
});

test('a watched file of the future is posted at the second look that finds it the same; a cut one a minute later', async (t) => {
  const folder = folderOf(t);
  const future = (name: string, body: string, day: number) => {
    write(folder, name, body);
    utimesSync(join(folder, name), Date.UTC(2030, 0, day) / 1000, Date.UTC(2030, 0, day) / 1000);
  };
  future('whole.cdr.xml', xmlCdr({}), 1);
  future('cut.cdr.xml', xmlCdr({}).slice(0, 300), 1);
  const posted = await watchFor(folder, 100, {
    takes: () => true,
    at: (second) => {
      if (second < 10) future('growing.cdr.xml', xmlCdr({}), 1 + second);
    },
  });
  assert.deepEqual(posted, ['2 whole', '12 growing', '60 cut']);
});

test('a file that is too large for a service is tried again an hour later, and by every new run', async (t) => {
  const folder = folderOf(t);
  for (const name of ['large.cdr.xml', 'small.cdr.xml']) write(folder, name);
  const told: string[] = [];
  const posted = await watchFor(folder, 7_500, {
    takes: (name) => (name === 'large.cdr.xml' ? 'refused' : 'accepted'),
    at: () => undefined,
    onLeft: (line) => told.push(line),
  });
  assert.deepEqual(posted, ['0 large', '0 small', '3600 large', '7200 large']);
  assert.match(told[0] ?? '', /^0 large\.cdr\.xml: the service does not take so large a CDR$/);
  const open = () =>
    openJournal({ folder, name: '.journal', url: URL_A, isLeaving: true, onReadOnly: () => assert.fail() });
  const destination: Destination = async (files) => files.map(() => 'refused');
  for (const _ of [1, 2]) {
    const { report } = await run(folder, { kind: 'leave' }, { destination, journal: await open() });
    assert.deepEqual([report.refused, report.duplicate], [1, 0]);
  }
});

test('what answers 200 and is no service cdr has taken nothing', async (t) => {
  const answers = ['<html>sign in</html>', '{}', '', 'null', '{"reject":null}'];
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end(answers[asked++]));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/cdr`);
  const folder = folderOf(t);
  write(folder, '1.cdr.xml');
  const destination = serviceDestination({ url, username: 'a', password: 'b' }, () => false);
  for (const _ of answers.slice(1))
    await assert.rejects(run(folder, { kind: 'delete' }, { destination }), { code: 'cdr-service-refuses' });
  assert.deepEqual(filesIn(folder), ['1.cdr.xml']);
  assert.equal((await run(folder, { kind: 'delete' }, { destination })).report.accepted, 1);
  assert.deepEqual(filesIn(folder), []);
});

test('what is of before the retention is not posted, and stays', async (t) => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('{"reject":null}'));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/cdr`);
  const clock = { ...createClock(), nowUs: () => Date.UTC(2026, 10, 20) * 1000 };
  const config = loadConfig({ CDR_RETENTION_MONTHS: '24' });
  const isExpired = createFileExpiry(clock, config);
  const destination = serviceDestination({ url, username: 'a', password: 'b' }, isExpired);
  const folder = folderOf(t);
  write(folder, 'kept.cdr.xml', xmlCdr({ startUs: Date.UTC(2024, 10, 1) * 1000 }));
  write(folder, 'old.cdr.xml', xmlCdr({ startUs: Date.UTC(2024, 9, 31) * 1000 }));
  // a clock that was not set: past no retention
  write(folder, 'unset.cdr.xml', xmlCdr({ startUs: 1_000_000 }));
  write(folder, 'cut.cdr.xml', xmlCdr({}).slice(0, 300));
  const { report, told } = await run(folder, { kind: 'delete' }, { destination });
  assert.deepEqual([report.accepted, report.expired], [3, 1]);
  assert.match(told.join(), /^old\.cdr\.xml: .*CDR_RETENTION_MONTHS/);
  assert.deepEqual(filesIn(folder), ['cut.cdr.xml', 'old.cdr.xml']);
});

test('a file that a service does not take holds up none, and a service that is away is not asked for each', async (t) => {
  const folder = folderOf(t);
  // they come in any order: the one goes with others, the large one alone
  const large = xmlCdr({ callerName: 'x'.repeat(9_000_000) });
  write(folder, 'large.cdr.xml', large);
  for (let at = 0; at <= FILES_TOGETHER; at += 1) write(folder, `${at}.cdr.xml`);
  const odd = ['7.cdr.xml', 'large.cdr.xml'];
  const refusal = new CodedError('cdr-service-refuses', 'answers 500');
  const picky: Destination = async (files) =>
    files.map(({ name }) => (odd.includes(name) ? refusal : 'accepted'));
  let latest: SpoolReport | undefined;
  const onProgress = (_done: number, _total: number, report: SpoolReport) => {
    latest = report;
  };
  const importing = run(folder, { kind: 'delete' }, { destination: picky, onProgress });
  await assert.rejects(importing, refusal);
  assert.equal(latest?.accepted, FILES_TOGETHER);
  assert.deepEqual(filesIn(folder), odd);

  for (let at = 0; at < 4 * FILES_TOGETHER; at += 1) write(folder, `${at}.cdr.xml`);
  let asked = 0;
  const away: Destination = async (files) => {
    asked += 1;
    return files.map(() => refusal);
  };
  await assert.rejects(run(folder, { kind: 'delete' }, { destination: away }), refusal);
  assert.equal(asked, 3);
});

test('a watched file that no post brings away waits longer each time, and what is new is posted as ever', async (t) => {
  const folder = folderOf(t);
  write(folder, 'odd.cdr.xml');
  const posted = await watchFor(folder, 300, {
    takes: (name) => name !== 'odd.cdr.xml',
    at: (second) => {
      if (second % 50 === 25) write(folder, `at-${second}.cdr.xml`);
    },
  });
  const odd = posted.filter((line) => line.endsWith(' odd')).map((line) => Number.parseInt(line, 10));
  assert.deepEqual(odd.slice(0, 5), [0, 4, 12, 28, 60]);
  assert.ok(odd.length <= 10, odd.join());
  for (const second of [25, 75, 125, 175, 225, 275]) {
    const line = posted.find((each) => each.endsWith(`at-${second}`));
    const waited = Number.parseInt(line ?? '', 10) - second;
    assert.ok(waited >= 0 && waited <= 2, `${line}`);
  }
});

test('a service that is away is asked less and less, and has all a minute after it is back', async (t) => {
  const folder = folderOf(t);
  const posted = await watchFor(folder, 670, {
    takes: (_name, second) => second >= 600,
    // FreeSWITCH goes on
    at: (second) => second < 600 && second % 2 === 0 && write(folder, `${second}.cdr.xml`),
  });
  const looks = new Set(posted.map((line) => Number.parseInt(line, 10)).filter((second) => second < 600));
  assert.ok(looks.size <= 15, `looked at ${[...looks].join()}`);
  assert.deepEqual(filesIn(folder), []);
});

test('a file that nests deeper than a stack is high goes to the service with the others, once', async (t) => {
  const folder = folderOf(t);
  const deep = `{"variables":{"start_uepoch":"1795207837117054"},"callStats":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
  for (const name of ['1.cdr.xml', '3.cdr.xml']) write(folder, name);
  write(folder, '2.cdr.json', deep);
  const posted = await watchFor(folder, 30, {
    takes: (name) => (name === '2.cdr.json' ? 'rejected' : true),
    at: () => undefined,
  });
  assert.deepEqual(posted.map((line) => line.split(' ')[1]).sort(), ['1', '2.', '3']);
});
