import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type TestContext, test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { EslProbe } from './esl-probe.ts';
import { readFixture } from './fixture.ts';
import { SimulatedNode } from './simulated-node.ts';

async function startNode(
  t: TestContext,
  options: Partial<ConstructorParameters<typeof SimulatedNode>[0]> = {},
) {
  const node = new SimulatedNode({
    ...{
      switchname: 'fs01',
      hostname: 'vm',
      host: '127.0.0.11',
      port: 0,
      password: 'ClueCon',
      clock: createClock(),
    },
    ...options,
  });
  await node.start();
  t.after(() => node.stop());
  return node;
}

function channelEvent(node: SimulatedNode, name: string, headers: Record<string, string> = {}) {
  return node.core.event(name, Object.entries(headers));
}

test('a wrong password is answered with exactly what FreeSWITCH answered', async (t) => {
  const node = await startNode(t);
  const probe = await EslProbe.connect(node);
  probe.send('auth wrong');
  probe.send('event plain ALL');
  await probe.until(({ ending }) => ending !== undefined);
  assert.equal(probe.received, readFixture('run-01/esl/wrong-password.raw'));
  assert.equal(probe.ending, 'end');
});

test('nothing but auth and exit works before the login', async (t) => {
  const node = await startNode(t);
  const probe = await EslProbe.connect(node);
  await probe.until(({ frames }) => frames.length === 1);
  assert.equal(await probe.ask('api status'), '-ERR command not found');
  assert.equal(await probe.ask('auth ClueCon'), '+OK accepted');
  assert.equal(await probe.ask('exit'), '+OK bye');
  await probe.until(({ ending }) => ending === 'end');
  assert.match(
    probe.received,
    /Content-Type: text\/disconnect-notice\nContent-Length: 67\n\nDisconnected, goodbye\./,
  );
});

test('event lists, CUSTOM subclasses, nixevent and noevents decide what is heard', async (t) => {
  const node = await startNode(t);
  const probe = await EslProbe.open(node);
  assert.equal(await probe.ask('event json NONSENSE'), '-ERR no keywords supplied');
  assert.equal(
    await probe.ask('event json CHANNEL_CREATE CUSTOM sofia::register'),
    '+OK event listener enabled json',
  );
  const fire = () => {
    node.emit(channelEvent(node, 'CHANNEL_CREATE'));
    node.emit(channelEvent(node, 'CHANNEL_ANSWER'));
    for (const subclass of ['sofia::register', 'conference::maintenance']) {
      node.emit(channelEvent(node, 'CUSTOM', { 'Event-Subclass': subclass }));
    }
  };
  const heard = async () => {
    const before = probe.events.length;
    fire();
    await probe.ask('api switchname');
    return probe.events.slice(before).map((event) => {
      const headers = JSON.parse(event) as Record<string, string>;
      return headers['Event-Subclass'] ?? headers['Event-Name'];
    });
  };
  assert.deepEqual(await heard(), ['CHANNEL_CREATE', 'sofia::register']);
  assert.equal(await probe.ask('nixevent CHANNEL_CREATE'), '+OK events nixed');
  assert.deepEqual(await heard(), ['sofia::register']);
  await probe.ask('event json ALL');
  assert.deepEqual(await heard(), [
    'CHANNEL_CREATE',
    'CHANNEL_ANSWER',
    'sofia::register',
    'conference::maintenance',
  ]);
  assert.equal(await probe.ask('noevents'), '+OK no longer listening for events');
  assert.deepEqual(await heard(), []);
  assert.equal(await probe.ask('noevents'), '-ERR not listening for events');
});

test('filters let through what matches, and negative ones keep away', async (t) => {
  const node = await startNode(t);
  const probe = await EslProbe.open(node, 'event plain ALL');
  assert.equal(await probe.ask('filter Unique-ID one'), '+OK filter added. [Unique-ID]=[one]');
  assert.equal(
    await probe.ask('filter add Event-Name /^CHANNEL_A/'),
    '+OK filter added. [Event-Name]=[/^CHANNEL_A/]',
  );
  assert.equal(
    await probe.ask('filter Event-Name -CHANNEL_DESTROY'),
    '+OK filter added. [Event-Name]=[-CHANNEL_DESTROY]',
  );
  assert.equal(await probe.ask('filter Unique-ID'), '-ERR invalid syntax');
  node.emit(channelEvent(node, 'CHANNEL_CREATE', { 'Unique-ID': 'one' }));
  node.emit(channelEvent(node, 'CHANNEL_CREATE', { 'Unique-ID': 'two' }));
  node.emit(channelEvent(node, 'CHANNEL_ANSWER', { 'Unique-ID': 'two' }));
  node.emit(channelEvent(node, 'CHANNEL_DESTROY', { 'Unique-ID': 'one' }));
  await probe.ask('api switchname');
  const named = probe.events.map((event) => /Event-Name: (\w+)/.exec(event)?.[1]);
  assert.deepEqual(named, ['CHANNEL_CREATE', 'CHANNEL_ANSWER']);
  assert.equal(await probe.ask('filter delete all'), '+OK filter deleted. [all][]');
  node.emit(channelEvent(node, 'CHANNEL_DESTROY', { 'Unique-ID': 'one' }));
  await probe.ask('api switchname');
  assert.equal(probe.events.length, 3);
});

test('bgapi answers at once and sends its result as BACKGROUND_JOB', async (t) => {
  const node = await startNode(t);
  const probe = await EslProbe.open(node, 'event json BACKGROUND_JOB');
  const job = '11111111-2222-3333-4444-555555555555';
  assert.equal(await probe.ask(`bgapi switchname\nJob-UUID: ${job}`), `+OK Job-UUID: ${job}`);
  await probe.until(({ events }) => events.length === 1);
  const event = JSON.parse(probe.events[0] ?? '{}') as Record<string, string>;
  assert.equal(event['Job-UUID'], job);
  assert.equal(event['_body'], 'fs01');
});

test('kill closes with a FIN and no word, reset with a reset, shutdown with a notice', async (t) => {
  const node = await startNode(t);
  const killed = await EslProbe.open(node, 'event json ALL');
  const before = killed.received;
  await node.kill();
  await killed.until(({ ending }) => ending === 'end');
  assert.equal(killed.received, before);

  await node.start();
  const reset = await EslProbe.open(node, 'event json ALL');
  await node.reset();
  await reset.until(({ ending }) => ending === 'ECONNRESET');

  await node.start();
  const told = await EslProbe.open(node, 'event json SHUTDOWN');
  await node.shutdown();
  await told.until(({ ending }) => ending === 'end');
  assert.equal(told.events.length, 1);
  assert.equal(told.frames.at(-1)?.body, 'The system is being shut down.\n');
});

test('a restarted node listens on the same port with another core', async (t) => {
  const node = await startNode(t);
  const { port } = node;
  const core = node.core.uuid;
  await node.restart();
  const probe = await EslProbe.open(node);
  assert.equal(node.port, port);
  assert.notEqual(await probe.ask('api global_getvar core_uuid'), core);
});

test('a stalled node says nothing, then everything in order', async (t) => {
  const node = await startNode(t);
  const probe = await EslProbe.open(node, 'event json HEARTBEAT');
  node.stall();
  const silent = await EslProbe.connect(node);
  for (let beat = 0; beat < 5; beat += 1)
    node.emit(channelEvent(node, 'HEARTBEAT', { 'X-Beat': String(beat) }));
  probe.send('api switchname');
  await assert.rejects(probe.until(({ events }) => events.length > 0, 200));
  assert.equal(silent.received, '');
  node.resume();
  await probe.until(({ frames }) => frames.at(-1)?.body === 'fs01');
  assert.deepEqual(
    probe.events.map((event) => (JSON.parse(event) as Record<string, string>)['X-Beat']),
    ['0', '1', '2', '3', '4'],
  );
  await silent.until(({ received }) => received === 'Content-Type: auth/request\n\n');
});

test('a listener loses events when its queue is full, and is closed when it loses too many in a row', async (t) => {
  const node = await startNode(t, { limits: { events: 10, missed: 5 } });
  const probe = await EslProbe.open(node, 'event json HEARTBEAT');
  node.stall();
  for (let beat = 0; beat < 15; beat += 1) node.emit(channelEvent(node, 'HEARTBEAT'));
  assert.equal(node.backlog, 10);
  assert.equal(node.counts.lost, 5);
  assert.equal(node.subscribers, 1);
  node.emit(channelEvent(node, 'HEARTBEAT'));
  await probe.until(({ ending }) => ending !== undefined);
  assert.equal(node.subscribers, 0);
});

interface ModeslConnection {
  once(event: string, listener: () => void): void;
  on(event: string, listener: (event: { getHeader(name: string): string }) => void): void;
  subscribe(events: string, callback: () => void): void;
  api(command: string, callback: (reply: { getBody(): string }) => void): void;
  disconnect(): void;
}

test('modesl, the client that the collector uses, logs in, subscribes, asks and hears', async (t) => {
  const node = await startNode(t);
  const modesl = createRequire(import.meta.url)('modesl') as {
    Connection: new (host: string, port: number, password: string) => ModeslConnection;
  };
  const connection = new modesl.Connection(node.host, node.port, node.password);
  await once(connection as never, 'esl::ready');
  await new Promise<void>((resolve) => connection.subscribe('HEARTBEAT', resolve));
  const heard = new Promise<string>((resolve) =>
    connection.on('esl::event::HEARTBEAT::*', (event) => resolve(event.getHeader('X-Text'))),
  );
  node.emit(channelEvent(node, 'HEARTBEAT', { 'X-Text': 'a b%c' }));
  assert.equal(await heard, 'a b%c');
  const body = await new Promise<string>((resolve) =>
    connection.api('switchname', (reply) => resolve(reply.getBody())),
  );
  assert.equal(body, 'fs01');
  const ended = once(connection as never, 'esl::end');
  connection.disconnect();
  await ended;
});
