import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cdrStore } from '../../support/cdr-store.ts';
import { startChild } from '../../support/child-process.ts';
import { spoolFiles, uuidOf } from '../../support/recorded-cdrs.ts';
import { freePort } from '../../support/stack/free-port.ts';
import { until } from '../../support/until.ts';

const FOLDER = resolve(import.meta.dirname, '../../..');

test('the shipper waits for a service, takes files when they are whole, and deletes what is durable', async (t) => {
  const spool = mkdtempSync(join(tmpdir(), 'switchfleet-watch-'));
  t.after(() => rmSync(spool, { recursive: true, force: true }));
  const { connectionString, rows } = await cdrStore(t);
  const port = String(await freePort());
  const [first = assert.fail(), second = assert.fail()] = spoolFiles();
  const file = join(spool, `${uuidOf(first)}.cdr.xml`);
  writeFileSync(file, first.body.subarray(0, 5_000));

  const secret = { FREESWITCH_PASSWORD: 'secret' };
  const args = ['cdr', 'import', spool, '--watch', '--delete', '--url', `http://127.0.0.1:${port}/cdr`];
  const shipper = startChild({ entry: 'services/cli/main.ts', args, environment: secret });
  t.after(async () => void (await shipper.stop('SIGKILL')));
  await shipper.printed(/watching/);
  const other = join(spool, `a_${uuidOf(second)}.cdr.xml`);
  writeFileSync(other, second.body);
  await shipper.printed(/cannot be reached: .*trying again/);
  assert.ok(existsSync(other), 'nothing is deleted while nobody takes it');

  const cdr = startChild({
    entry: 'services/cdr/main.ts',
    environment: { ...secret, DATABASE_URL: connectionString, CDR_PORT: port, DATA_DIR: spool },
  });
  t.after(async () => void (await cdr.stop('SIGKILL')));
  await until('the whole file is durable and gone', () => !existsSync(other), 60_000);
  assert.ok(existsSync(file), 'half a file stays');
  // FreeSWITCH goes on writing, and pauses for less than the shipper waits
  appendFileSync(file, first.body.subarray(5_000, 9_000));
  await sleep(500);
  appendFileSync(file, first.body.subarray(9_000));
  await until('the other one as well', () => !existsSync(file), 60_000);
  await until('both are rows', async () => (await rows('select uuid from cdr')).length === 2, 20_000);
  assert.deepEqual(
    await rows('select count(*)::int as rejects from cdr_rejects'),
    [{ rejects: 0 }],
    'and half a file never became a reject',
  );
  assert.equal(await shipper.stop('SIGTERM'), 0);

  // One that the service refuses for its size holds up none behind it.
  const stuck = mkdtempSync(join(spool, 'stuck-'));
  const small = await freePort();
  const picky = createServer((request, response) => {
    request.resume().on('end', () => {
      const isLarge = Number(request.headers['content-length']) > first.body.length;
      response.writeHead(isLarge ? 413 : 200).end('{"reject":null}');
    });
  }).listen(small, '127.0.0.1');
  t.after(() => picky.close());
  const large = first.body.toString().replace('<variables>', `<variables>${'<x>y</x>'.repeat(1_000)}`);
  for (const [name, body] of [
    ['0.cdr.xml', large],
    ['1.cdr.xml', second.body],
  ] as const) {
    writeFileSync(join(stuck, name), body);
    utimesSync(join(stuck, name), 1, 1);
  }
  const past = startChild({
    entry: 'services/cli/main.ts',
    args: ['--json', 'cdr', 'import', stuck, '--delete', '--url', `http://127.0.0.1:${small}/cdr`],
    environment: secret,
  });
  assert.equal(await past.ended(60_000), 0, past.output());
  assert.match(past.output(), /0\.cdr\.xml stays where it is: the service does not take so large a CDR/);
  assert.match(past.output(), /"accepted":\s*1.*"refused":\s*1/s);
  assert.deepEqual(
    readdirSync(stuck).filter((name) => name.endsWith('.xml')),
    ['0.cdr.xml'],
  );

  // A service takes what it has already: it says accepted, never imported, and there is one row.
  const again = mkdtempSync(join(spool, 'again-'));
  writeFileSync(join(again, `${uuidOf(second)}.cdr.xml`), second.body);
  utimesSync(join(again, `${uuidOf(second)}.cdr.xml`), 1, 1);
  const once = startChild({
    entry: 'services/cli/main.ts',
    args: ['--json', 'cdr', 'import', again, '--url', `http://127.0.0.1:${port}/cdr`],
    environment: secret,
  });
  assert.equal(await once.ended(60_000), 0, once.output());
  assert.match(once.output(), /"imported":\s*0.*"duplicate":\s*0.*"accepted":\s*1.*"rejected":\s*0/s);
  assert.equal((await rows('select uuid from cdr')).length, 2);
});

test('the systemd unit runs the shipper on the folder that xml_cdr.conf.xml names', () => {
  const unit = readFileSync(join(FOLDER, 'integrations/systemd/switchfleet-cdr-shipper.service'), 'utf8');
  const conf = readFileSync(join(FOLDER, 'integrations/freeswitch/xml_cdr.conf.xml'), 'utf8');
  const folder = /name="err-log-dir" value="([^"]+)"/.exec(conf)?.[1] ?? assert.fail();
  assert.match(unit, new RegExp(`^ExecStart=.*cdr import ${folder} --watch --delete --url \\S+/cdr$`, 'm'));
  assert.match(unit, new RegExp(`^ReadWritePaths=${folder}$`, 'm'));
});
