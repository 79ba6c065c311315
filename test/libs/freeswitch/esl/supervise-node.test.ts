import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { eventFrame, stubNode } from '../../../support/stub-node.ts';
import { until } from '../../../support/until.ts';
import { type Supervised, supervised } from './supervised.ts';

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/esl/${name}`, import.meta.url));
const killed = gunzipSync(fixture('kill9-json.raw.gz'));
const LOGIN_BYTES = killed.indexOf('Content-Length');

const stateNames = ({ states }: Supervised) => states.map(({ state }) => state);
const has = (seen: Supervised, state: string) => () => stateNames(seen).includes(state as never);
const last = (seen: Supervised) => seen.states.at(-1);

test('a wrong password is refused, said plainly and retried slowly (recorded bytes)', async (t) => {
  const recorded = fixture('wrong-password.raw');
  const node = await stubNode(t, { onConnection: (socket) => socket.end(recorded) });
  const seen = supervised(t, { port: node.port, password: () => 'wrong' });
  await until('refused', has(seen, 'refused'));
  assert.deepEqual(stateNames(seen), ['connecting', 'refused']);
  assert.match(last(seen)?.reason ?? '', /refused our password \(-ERR invalid\)/);
  await until('a second attempt', () => node.commands.length >= 2);
  const waitedMs = Date.now() - (last(seen)?.atUs ?? Number.NaN) / 1000;
  assert.ok(waitedMs >= 100, `${waitedMs} ms: retried as fast as a server that is down`);
  assert.deepEqual(stateNames(seen), ['connecting', 'refused'], 'the same refusal is reported once');
});

test('its connection is kept alive by TCP: a peer that is gone is noticed, and a firewall on the way never forgets it', async (t) => {
  const node = await stubNode(t);
  const seen = supervised(t, { port: node.port });
  await until('live', has(seen, 'live'));
  // what the kernel says of a socket: nothing unacknowledged, and a timer (02: keep-alive) that runs out within 10 s
  const [socket] = node.sockets;
  const ends = `:${hexPort(socket?.remotePort)} 0100007F:${hexPort(node.port)} `;
  let hundredths = Number.NaN;
  const isKeptAlive = () => {
    const sockets = readFileSync('/proc/net/tcp', 'latin1').split('\n');
    const own = sockets.find((line) => line.includes(ends)) ?? '';
    hundredths = Number.parseInt(/00000000:00000000 02:([0-9A-F]{8}) /.exec(own)?.[1] ?? '', 16);
    return Number.isFinite(hundredths);
  };
  await until('kept alive', isKeptAlive);
  assert.ok(hundredths <= 1_000, `first asked after ${hundredths / 100} s of silence`);
});

function hexPort(port = 0): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

test('a password that becomes right is used without a restart', async (t) => {
  const node = await stubNode(t, { password: 'other' });
  const seen = supervised(t, { port: node.port });
  await until('refused', has(seen, 'refused'));
  node.options.password = 'ClueCon';
  await until('live', has(seen, 'live'));
});

for (const header of ['Content-Length: 24', 'Content-Length 24']) {
  test(`an ACL that denies us is refused (${header})`, async (t) => {
    const node = await stubNode(t, {
      onConnection: (socket) =>
        socket.end(`Content-Type: text/rude-rejection\n${header}\n\nAccess Denied, go away.\n`),
    });
    const seen = supervised(t, { port: node.port });
    await until('refused', has(seen, 'refused'));
    assert.match(last(seen)?.reason ?? '', /apply-inbound-acl/);
  });
}

test('a server killed with -9 (recorded, bare FIN) is down at that moment, with every event before it', async (t) => {
  const node = await stubNode(t, { onSubscribed: (socket) => socket.end(killed.subarray(LOGIN_BYTES)) });
  const before = Date.now() * 1000;
  const seen = supervised(t, { port: node.port });
  await until('down', has(seen, 'down'));
  assert.equal(seen.events.length, 44, 'and none of the next connection yet');
  assert.equal(seen.events.filter((event) => event['Event-Name'] === 'HEARTBEAT').length, 2);
  const down = seen.states.find(({ state }) => state === 'down');
  assert.match(down?.reason ?? '', /closed/);
  assert.ok((down?.atUs ?? 0) >= before && (down?.atUs ?? 0) <= Date.now() * 1000);
  await until('live again', () => stateNames(seen).filter((state) => state === 'live').length === 2);
});

test('a reset connection is down, and its pending commands are rejected', async (t) => {
  let socket: Socket | undefined;
  const node = await stubNode(t, { api: { status: () => null }, onSubscribed: (it) => (socket = it) });
  const seen = supervised(t, { port: node.port });
  await until('live', has(seen, 'live'));
  const pending = seen.supervisor.api('status');
  const rejected = assert.rejects(pending, { code: 'esl-unreachable' });
  await until('the command arrived', () => node.commands.includes('api status'));
  socket?.resetAndDestroy();
  await rejected;
  await until('down', has(seen, 'down'));
  assert.match(seen.states.find(({ state }) => state === 'down')?.reason ?? '', /ECONNRESET/);
});

test('a node that stalls is stale, then down since it was last heard, then followed again', async (t) => {
  const node = await stubNode(t, {
    api: { 'uptime s': () => null },
    onSubscribed: (socket) => {
      const now = Date.now() * 1000;
      for (const at of [now, now + 500_000, now + 1_000_000]) {
        socket.write(eventFrame({ 'Event-Name': 'HEARTBEAT', 'Event-Date-Timestamp': String(at) }));
      }
    },
  });
  const seen = supervised(t, { port: node.port, limits: { commandMs: 1_000 } });
  await until('live', has(seen, 'live'));
  const liveAt = seen.states.find(({ state }) => state === 'live')?.atUs ?? 0;
  await until('down', has(seen, 'down'));
  assert.deepEqual(stateNames(seen).slice(0, 5), ['connecting', 'syncing', 'live', 'stale', 'down']);
  const down = seen.states.find(({ state }) => state === 'down');
  // it was found to be stale 1.25 s later, and down after another second
  assert.ok(Math.abs((down?.atUs ?? 0) - liveAt) < 1_000_000, 'down is when it was last heard');
  await until('live again', () => stateNames(seen).filter((state) => state === 'live').length === 2);
});

test('a silent node that answers when asked stays connected', async (t) => {
  const node = await stubNode(t, {
    api: { 'uptime s': '17\n' },
    onSubscribed: (socket) => {
      for (const at of [0, 500_000]) {
        socket.write(eventFrame({ 'Event-Name': 'HEARTBEAT', 'Event-Date-Timestamp': String(at) }));
      }
    },
  });
  const seen = supervised(t, { port: node.port });
  await until('stale', has(seen, 'stale'));
  await until('live again', () => stateNames(seen).at(-1) === 'live');
  assert.equal(node.sockets.size, 1);
  assert.equal(node.commands.filter((command) => command.startsWith('auth')).length, 1);
});

test('login and events arrive byte by byte', async (t) => {
  const node = await stubNode(t, {
    onConnection: (socket) => {
      socket.setNoDelay(true);
      for (const byte of 'Content-Type: auth/request\n\n') socket.write(byte);
    },
    onSubscribed: (socket) => {
      for (const byte of killed.subarray(LOGIN_BYTES, LOGIN_BYTES + 30_000)) socket.write(Buffer.of(byte));
    },
  });
  const seen = supervised(t, { port: node.port });
  await until('events', () => seen.events.length >= 10);
  assert.deepEqual(seen.faults, []);
});

test('a stray % in a reply, an event that is no JSON and a handler that throws cost only themselves', async (t) => {
  const broken = Buffer.from('Content-Length: 5\nContent-Type: text/event-json\n\n{"a":');
  const node = await stubNode(t, {
    onSubscribed: (socket) =>
      socket.write(
        Buffer.concat([
          Buffer.from('Content-Type: command/reply\nReply-Text: +OK 50% of %zz\n\n'),
          eventFrame({ 'Event-Name': 'A' }),
          broken,
          eventFrame({ 'Event-Name': 'B' }),
        ]),
      ),
  });
  const seen = supervised(t, {
    port: node.port,
    onEvent: (event) => {
      if (event['Event-Name'] === 'A') throw new Error('handler broke');
    },
  });
  await until('both events', () => seen.events.length === 2);
  assert.deepEqual(
    seen.faults.map((fault) => (fault as Error).message),
    ['handler broke', 'the event socket sent an event that is no JSON'],
  );
  await until('live', has(seen, 'live'));
  assert.equal(node.sockets.size, 1);
});

test("a reply that comes too late is not taken for the next command's", async (t) => {
  let late: (() => void) | undefined;
  const node = await stubNode(t, { api: { slow: () => null, quick: 'quick\n' } });
  node.options.onSubscribed = (socket) => {
    late = () => socket.write('Content-Type: api/response\nContent-Length: 5\n\nslow\n');
  };
  const seen = supervised(t, { port: node.port });
  await until('live', has(seen, 'live'));
  await assert.rejects(seen.supervisor.api('slow', 50), { code: 'esl-timeout' });
  late?.();
  assert.equal(await seen.supervisor.api('quick'), 'quick\n');
});

test('a command with a line break is refused before it is sent', async (t) => {
  const node = await stubNode(t);
  const seen = supervised(t, { port: node.port });
  await until('live', has(seen, 'live'));
  await assert.rejects(seen.supervisor.api('status\n\napi shutdown'), { code: 'esl-command-invalid' });
  assert.ok(!node.commands.some((command) => command.includes('status') || command.includes('shutdown')));
});

test('a burst of 7 kB events is held back by pause and complete after resume', async (t) => {
  const count = 5_000;
  const filler = 'x'.repeat(7_000);
  let written = 0;
  const node = await stubNode(t, {
    onSubscribed: (socket) => {
      for (let i = 0; i < count; i += 1) {
        socket.write(eventFrame({ 'Event-Name': 'E', i: String(i), filler }), () => {
          written += 1;
        });
      }
    },
  });
  const seen: Supervised = supervised(t, {
    port: node.port,
    onEvent: () => {
      if (seen.events.length === 100) seen.supervisor.pause();
    },
  });
  await until('paused', () => seen.events.length >= 100);
  const whilePaused = seen.events.length;
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(seen.events.length - whilePaused < 50, 'at most the chunks in hand arrive after pause');
  assert.ok(written < count, 'TCP holds the server back');
  seen.supervisor.resume();
  await until('all events', () => seen.events.length === count);
  assert.deepEqual(
    seen.events.map((event) => Number(event['i'])),
    Array.from({ length: count }, (_, i) => i),
  );
});

test('nobody listens: down with the reason, then live once somebody does', async (t) => {
  const node = await stubNode(t);
  const { port } = node;
  await node.stop();
  const seen = supervised(t, { port });
  await until('down', has(seen, 'down'));
  assert.match(last(seen)?.reason ?? '', /ECONNREFUSED/);
  const downAt = last(seen)?.atUs;
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual(stateNames(seen), ['connecting', 'down'], 'failed repetitions report nothing new');
  assert.equal(last(seen)?.atUs, downAt);
});

test('a server that accepts and says nothing is given up after the login time', async (t) => {
  const node = await stubNode(t, { onConnection: () => undefined });
  const seen = supervised(t, { port: node.port, limits: { loginMs: 100 } });
  await until('down', has(seen, 'down'));
  assert.match(last(seen)?.reason ?? '', /did not let us log in in time \(100 ms\)/);
});

test('a stream that cannot be cut any more ends the connection with its reason', async (t) => {
  const node = await stubNode(t, { onSubscribed: (socket) => socket.write('Content-Length: -5\n\n') });
  const seen = supervised(t, { port: node.port });
  await until('down', has(seen, 'down'));
  assert.match(
    seen.states.find(({ state }) => state === 'down')?.reason ?? '',
    /Content-Length is no number/,
  );
});

test('the disconnect notice is the reason of a graceful stop', async (t) => {
  const node = await stubNode(t, {
    onSubscribed: (socket) =>
      socket.end(
        'Content-Type: text/disconnect-notice\nContent-Length: 31\n\nThe system is being shut down.\n',
      ),
  });
  const seen = supervised(t, { port: node.port });
  await until('down', has(seen, 'down'));
  assert.match(
    seen.states.find(({ state }) => state === 'down')?.reason ?? '',
    /The system is being shut down/,
  );
});

test('the clock of a quiet node is known: it is asked for', async (t) => {
  const node = await stubNode(t, { api: { strmicroepoch: () => String(Date.now() * 1000 - 7_000_000) } });
  const seen = supervised(t, { port: node.port });
  await until('live', has(seen, 'live'));
  const offset = seen.supervisor.clockOffsetUs ?? 0;
  assert.ok(offset <= -7_000_000 && offset > -12_000_000, `offset is ${offset}`);
});

test('stop closes the connection and reports nothing more', async (t) => {
  const node = await stubNode(t);
  const seen = supervised(t, { port: node.port });
  await until('live', has(seen, 'live'));
  await seen.supervisor.stop();
  await until('closed', () => node.sockets.size === 0);
  assert.deepEqual(stateNames(seen), ['connecting', 'syncing', 'live']);
  await assert.rejects(seen.supervisor.api('status'), { code: 'esl-closed' });
});
