import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { connectLines } from '../../../services/standalone/connect-lines.ts';
import { KAMAILIO, shippedConfiguration, skipWithoutKamailio } from '../../support/kamailio/kamailio.ts';

const SWITCHES = ['WITH_DATABASE_DISPATCHER', 'WITH_AUTH', 'WITH_USRLOC', 'WITH_NODE_FIRST', 'WITH_RPC'];

/** Every choice of switches. */
const CHOICES = Array.from({ length: 2 ** SWITCHES.length }, (_, choice) =>
  SWITCHES.filter((_name, index) => choice & (1 << index)),
);

test('Kamailio takes the shipped file with every choice of its switches', {
  skip: skipWithoutKamailio(),
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kamailio-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'kamailio.cfg');
  const routing: [string, string] = ['http://kam:x@127.0.0.1:3103', 'http://kam:x@127.0.0.2:3103'];
  const check = () => promisify(execFile)(KAMAILIO, ['-c', '-f', file], { timeout: 60_000 });
  for (const defines of CHOICES) {
    const text = await shippedConfiguration({ address: '127.0.0.1', routing, defines }, folder);
    for (const name of defines)
      assert.match(text, new RegExp(`^#!define ${name}$`, 'm'), 'the file has this switch');
    await writeFile(file, text);
    const { stderr } = await check();
    assert.match(stderr, /config file ok/, defines.join(' '));
    assert.doesNotMatch(stderr, /ERROR|CRITICAL/, defines.join(' '));
  }
  await writeFile(
    file,
    `${await shippedConfiguration({ address: '127.0.0.1', routing }, folder)}\nroute[BROKEN] { no_such_function(); }\n`,
  );
  await assert.rejects(check(), 'the check would tell');
});

const README = new URL('../../../README.md', import.meta.url);
const CREDENTIALS = { username: 'edge', password: 'a-_b' };
/** What a configuration has that knows nothing of us yet. */
const OPERATORS = ['tm', 'sl', 'pv', 'textops'];

test('Kamailio takes the printed lines and the lookup of the README, with and without the modules loaded before', {
  skip: skipWithoutKamailio(),
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kamailio-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'kamailio.cfg');
  const endpoints = {
    scheme: 'https' as const,
    host: '192.0.2.1',
    api: 3100,
    directory: 3101,
    cdr: 3102,
    routing: 3103,
  };
  const credentials = { freeswitch: CREDENTIALS, kamailio: CREDENTIALS, eslPassword: 'x' };
  const printed = connectLines(endpoints, credentials).find((part) => part.file === 'kamailio.cfg')?.lines;
  const lookup = /```\n(\s*\$var\(rc\) = http_connect[\s\S]*?)```/.exec(await readFile(README, 'utf8'))?.[1];
  assert(printed !== undefined && lookup !== undefined);
  for (const modules of [OPERATORS, [...OPERATORS, 'http_client', 'jansson']]) {
    const loaded = modules.map((name) => `loadmodule "${name}.so"`);
    const route = ['request_route {', lookup, 'sl_send_reply("404", "Not Found");', '}', ''];
    await writeFile(file, ['listen=udp:127.0.0.1:5060', ...loaded, printed, ...route].join('\n'));
    const { stderr } = await promisify(execFile)(KAMAILIO, ['-c', '-f', file], { timeout: 60_000 });
    assert.match(stderr, /config file ok/);
    assert.doesNotMatch(stderr, /ERROR|CRITICAL|WARNING/);
  }
});
