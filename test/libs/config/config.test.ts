import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../../libs/config/config.ts';
import { VARIABLES } from '../../../libs/config/variables.ts';

test('an empty environment gives the defaults', () => {
  const config = loadConfig({});
  assert.equal(config.HTTP_HOST, '127.0.0.1');
  assert.equal(config.CDR_PORT, 3102);
  assert.equal(config.DATABASE_URL, undefined);
  assert.equal(config.PUBLIC_HOST, '127.0.0.1');
});

for (const [name, value] of [
  ['CDR_PORT', 'eighty'],
  ['CDR_PORT', '70000'],
  ['CDR_PORT', ''],
  ['CDR_PORT', '3102.5'],
  ['LOG_LEVEL', 'loud'],
  ['DATABASE_URL', 'mysql://x/y'],
  ['DATABASE_URL', 'nonsense'],
  ['DATABASE_URL', 'postgres://host/db?sslmde=verify-full'],
  ['DATABASE_URL', 'postgres://host/db?SSLMODE=verify-full'],
  ['DATABASE_READ_URL', 'postgres://host/db?sslmode=verify-full&sslcrl=/revoked.pem'],
  ['KAFKA_BROKERS', 'a:9092,,b:9092'],
  ['KAFKA_BROKERS', 'a:9092,b'],
  ['KAFKA_BROKERS', 'a:70000'],
  ['KAFKA_BROKERS', 'kafka://a:9092'],
  ['KAFKA_BROKERS', '::1:9092'],
  ['KAFKA_NAMESPACE', 'of europe'],
  ['RECORDING_URL', 'media.example/{path}'],
  ['RECORDING_URL', 'https://media.example/{nod}/{path}'],
  ['RECORDING_URL', 'https://media.example/{node}'],
  ['HTTP_HOST', ' '],
  ['PUBLIC_HOST', 'a b<c>'],
  ['PUBLIC_HOST', 'http://sw.example.com'],
  ['PUBLIC_HOST', '192.0.2.1:3100'],
  ['PUBLIC_HOST', '[2001:db8::1]'],
  ['CORRELATION_HEADER', 'Call-Correlation-ID'],
  ['CORRELATION_HEADER', 'x-fs-support'],
  ['CORRELATION_HEADER', 'X-'],
  ['CORRELATION_HEADER', 'X-A: b\r\nX-C'],
  ['API_TRUSTED_PROXIES', '192.0.2.1,proxy.example.com'],
  ['API_TRUSTED_PROXIES', '192.0.2.0/33'],
] as const) {
  test(`${name}=${JSON.stringify(value)} stops the start and names the variable`, () => {
    assert.throws(() => loadConfig({ [name]: value }), { code: 'config-invalid', message: new RegExp(name) });
  });
}

test('a host is a name or an address', () => {
  for (const PUBLIC_HOST of ['sw-1.example.com', '192.0.2.1', '2001:db8::1', 'a_b'])
    assert.equal(loadConfig({ PUBLIC_HOST }).PUBLIC_HOST, PUBLIC_HOST);
});

test('a header that FreeSWITCH carries is taken in any case of its letters', () => {
  assert.equal(loadConfig({ CORRELATION_HEADER: 'x-Call_id.2' }).CORRELATION_HEADER, 'x-Call_id.2');
});

test('a recording may be on a host that is named after its server', () => {
  const RECORDING_URL = 'https://{node}.media.example/{path}?e={expires}&s={signature}';
  assert.equal(loadConfig({ RECORDING_URL }).RECORDING_URL, RECORDING_URL);
});

test('a misspelt variable of ours is an error, one of somebody else is not', () => {
  assert.throws(() => loadConfig({ KAFKA_BROKER: 'a:9092' }), {
    code: 'config-unknown',
    message: /KAFKA_BROKER/,
  });
  assert.doesNotThrow(() => loadConfig({ EDITOR: 'vi', PGHOST: 'x', CORRELATION_ID: 'of a job' }));
});

/** Names of other programs begin so, too. */
const OTHERS_BEGIN_SO = ['HTTP_HOST', 'LOG_LEVEL', 'PUBLIC_HOST', 'INSTANCE_ID', 'JOURNAL_STREAM'];

for (const name of Object.keys(VARIABLES).filter((known) => !OTHERS_BEGIN_SO.includes(known))) {
  test(`${name} with a letter too many is not silently its default`, () => {
    assert.throws(() => loadConfig({ [`${name}X`]: '1' }), { code: 'config-unknown' });
  });
}

test('a bad value of a secret is not in the message', () => {
  assert.throws(
    () => loadConfig({ DATABASE_URL: 'mysql://user:hunter2@host/db' }),
    (error: Error) => !error.message.includes('hunter2'),
  );
});

test('an address of PostgreSQL may say how TLS is spoken, and what else the driver or a pooler heeds', () => {
  const DATABASE_URL =
    'postgres://a:b@host:6432/db?sslmode=verify-full&sslrootcert=%2Fca.crt&sslcert=a&sslkey=b&application_name=ssl';
  assert.equal(loadConfig({ DATABASE_URL }).DATABASE_URL, DATABASE_URL);
});

test('a secret is read from the file that NAME_FILE names, without its last line end', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'token'), 'hunter2\n');
  assert.equal(loadConfig({ API_TOKEN_FILE: join(folder, 'token') }).API_TOKEN, 'hunter2');
  assert.throws(() => loadConfig({ API_TOKEN_FILE: join(folder, 'none') }), {
    code: 'config-secret-unreadable',
    message: /API_TOKEN_FILE/,
  });
});
