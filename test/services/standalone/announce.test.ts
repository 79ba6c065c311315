import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announce } from '../../../services/standalone/announce.ts';
import { isJournal } from '../../../services/standalone/journal.ts';

const announceOn = (host: string, { signInSecret }: { signInSecret?: string } = { signInSecret: 'c0ffee' }) =>
  announce({
    dataDir: '/data',
    database: 'embedded',
    bus: 'in the database',
    endpoints: { scheme: 'http', host, api: 1, directory: 2, cdr: 3, routing: 4 },
    services: [],
    signInSecret,
    connect: undefined,
    connectFile: '/data/connect.txt',
  });

test('lines with an address that nobody can connect to are not passed over in silence', () => {
  for (const host of ['0.0.0.0', '::']) assert.match(announceOn(host), /: set PUBLIC_HOST\./);
  for (const host of ['127.0.0.1', '192.0.2.5', '2001:db8::5']) {
    assert.doesNotMatch(announceOn(host), /PUBLIC_HOST/);
  }
});

test('the last line says ready, and IPv6 addresses stand in brackets', () => {
  const text = announceOn('2001:db8::5');
  assert.match(text, /http:\/\/\[2001:db8::5\]:1\/v1/);
  assert.match(text, /http:\/\/\[2001:db8::5\]:1\/console\/sign-in#c0ffee /);
  assert.match(text.trimEnd().split('\n').at(-1) ?? '', /ready/);
});

test('what is kept by the journal opens nothing', () => {
  const text = announceOn('192.0.2.5', {});
  assert.match(text, /http:\/\/192\.0\.2\.5:1\/console \(the first token is apiToken in secrets\.json/);
  assert.doesNotMatch(text, /sign-in/);
  const journal = { dev: 9, ino: 12345 };
  assert.equal(isJournal('9:12345', journal), true);
  assert.equal(isJournal('9:12346', journal), false, 'a shell below a service writes elsewhere');
  assert.equal(isJournal(undefined, journal), false);
});
