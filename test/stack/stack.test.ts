import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import pg from 'pg';
import { STACK_VARIABLE } from '../support/stack/stack-client.ts';
import { skipWithoutKafka, testBrokers } from '../support/stack/test-brokers.ts';
import { testDatabase } from '../support/stack/test-database.ts';
import { firstServer, type ServerSource } from '../support/stack/test-server.ts';
import { until } from '../support/until.ts';

test('a test gets a database of its own', async (t) => {
  const [one, two] = await Promise.all([testDatabase(t), testDatabase(t)]);
  assert.notEqual(one.name, two.name);
  const client = new pg.Client({ connectionString: one.connectionString });
  await client.connect();
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  await client.end();
  assert.deepEqual(rows, [{ name: one.name }]);
});

test('a test gets a Kafka that answers', { skip: await skipWithoutKafka() }, async () => {
  const [broker] = await testBrokers();
  const { hostname, port } = new URL(`kafka://${broker}`);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  socket.destroy();
});

test('the first source that works is taken; without any each says why', async () => {
  const asked: string[] = [];
  const source = (name: string, works: boolean): ServerSource => ({
    name,
    start: async () => {
      asked.push(name);
      if (!works) throw new Error('is not there');
      return { address: `${name}:1`, origin: name, stop: async () => undefined };
    },
  });
  const chain = [source('given', false), source('Docker', true), source('Java', true)];
  assert.equal((await firstServer(chain)).address, 'Docker:1');
  assert.deepEqual(asked, ['given', 'Docker']);
  await assert.rejects(firstServer([source('given', false), source('Java', false)]), {
    message: 'given: is not there; Java: is not there',
  });
});

test('a machine that can have no Kafka skips, with the reason; with CI=true it fails instead', async (t) => {
  const stack = createServer((_request, response) => {
    response.writeHead(503).end(JSON.stringify({ reason: 'Java: is not there' }));
  });
  stack.listen(0, '127.0.0.1');
  await once(stack, 'listening');
  const before = { ...process.env };
  t.after(() => {
    stack.close();
    process.env = before;
  });
  process.env[STACK_VARIABLE] = `http://127.0.0.1:${(stack.address() as AddressInfo).port}`;
  delete process.env['CI'];
  assert.equal(await skipWithoutKafka(), 'no Kafka on this machine: Java: is not there');
  process.env['CI'] = 'true';
  assert.equal(await skipWithoutKafka(), false);
  await assert.rejects(testBrokers(), { message: 'Java: is not there' });
});

test('a server and its folder do not outlive a run that was killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-guard-'));
  const guard = new URL('../support/stack/guard.ts', import.meta.url).href;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', owning(guard, folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = (await once(owner.stdout, 'data')) as [Buffer];
  const server = Number(chunk);
  process.kill(server, 0);
  owner.kill('SIGKILL');
  await until('the folder is gone', () => !existsSync(folder));
  assert.throws(() => process.kill(server, 0), { code: 'ESRCH' });
});

const owning = (guard: string, directory: string) => `
  import { spawn } from 'node:child_process';
  import { guardServer } from ${JSON.stringify(guard)};
  const { pid } = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  guardServer({ pid, directory: ${JSON.stringify(directory)}, signal: 'TERM' });
  console.log(pid);
  setInterval(() => undefined, 1_000);`;
