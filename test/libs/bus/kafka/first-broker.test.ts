import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { createFirstBroker, type FirstBroker } from '../../../../libs/bus/kafka/first-broker.ts';
import { until } from '../recorder.ts';

const SILENT_MS = 30;

/** A broker that answers what it is asked, or nothing; its host:port, and what asks it. */
async function broker(t: TestContext, first: FirstBroker) {
  const sockets = new Set<Socket>();
  const state = { isSilent: false };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (data) => void (state.isSilent || socket.write(data)));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const name = `127.0.0.1:${port}`;
  const ask = (question: string) => {
    const socket = connect({ host: '127.0.0.1', port });
    sockets.add(socket);
    first.notice(socket, name);
    if (question !== '') socket.write(question);
  };
  return { name, ask, state };
}

/** Those that a new client may ask first. */
const firstsOf = (first: FirstBroker, names: readonly string[]) =>
  [...new Set(Array.from({ length: 60 }, () => first.orderOf(names)[0]))].sort();

test('new clients begin at any broker, but not at one that gave no answer, until it answers again', async (t) => {
  const first = createFirstBroker(SILENT_MS);
  const [one, two] = [await broker(t, first), await broker(t, first)];
  const firsts = (of: readonly string[]) => firstsOf(first, of);
  const names = [one.name, two.name];
  const both = names.toSorted();
  assert.deepEqual(firsts(names), both);

  one.ask('');
  one.state.isSilent = true;
  one.ask('who are you?');
  await until(() => firsts(names).join() === two.name, 'the silent one comes last');
  assert.deepEqual(first.orderOf(names), [two.name, one.name], 'it is not given up');

  two.state.isSilent = true;
  two.ask('who are you?');
  await until(() => firsts(names).join() === one.name, 'the one that was silent last comes last');

  one.state.isSilent = false;
  two.state.isSilent = false;
  // more than once: on a slow machine an answer may come later than what is silence here
  const askBoth = () => [one, two].forEach(({ ask }) => void ask('who are you?'));
  await until(() => {
    askBoth();
    return firsts(names).join() === both.join();
  }, 'both answer');
});

test('a connection on which nobody asks tells nothing', async (t) => {
  const first = createFirstBroker(SILENT_MS);
  const [one, two] = [await broker(t, first), await broker(t, first)];
  one.ask('');
  await new Promise((resolve) => setTimeout(resolve, SILENT_MS * 4));
  assert.equal(firstsOf(first, [one.name, two.name]).length, 2);
});

test('a broker with which no connection comes about was silent, also where it is TLS that it does not answer', async (t) => {
  const first = createFirstBroker(SILENT_MS);
  const [one, two] = [await broker(t, first), await broker(t, first)];
  one.state.isSilent = true;
  const [host, port] = ['127.0.0.1', Number(one.name.split(':')[1])];
  const secured = connectTls({ host, port }).on('error', () => undefined);
  t.after(() => secured.destroy());
  first.notice(secured, one.name);
  const firsts = () => firstsOf(first, [one.name, two.name]).join();
  await until(() => firsts() === two.name, 'the one that does not answer TLS comes last');

  // as a broker that is paused for longer: its backlog is full, and nothing answers the first packet
  const never = new Socket();
  t.after(() => never.destroy());
  first.notice(never, two.name);
  await until(() => firsts() === one.name, 'the one that nobody comes through to comes last');
});
