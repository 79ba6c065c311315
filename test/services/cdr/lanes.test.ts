import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createLanes } from '../../../services/cdr/lanes.ts';
import { until } from '../../support/until.ts';

const LARGE = 128 * 1024 + 1;
/** Says in which thread a post was read. One whose URL is the name of a file keeps its thread busy until that is there. */
const THREAD = `
  import { existsSync } from 'node:fs';
  import { parentPort, threadId } from 'node:worker_threads';
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  parentPort.postMessage({ ready: true });
  parentPort.on('message', ({ batch, posts }) => {
    for (const { url } of posts) while (url !== '/cdr' && !existsSync(url)) Atomics.wait(sleeper, 0, 0, 10);
    const parsed = posts.map(() => ({ reason: String(threadId), detail: '' }));
    parentPort.postMessage({ batch, parsed, json: new ArrayBuffer(0) });
  });`;

async function startLanes(t: TestContext, idleMs?: number) {
  const lanes = createLanes({
    variables: [],
    logger: createLogger({ service: 'test', level: 'silent' }),
    entry: new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`),
    ...(idleMs !== undefined && { idleMs }),
  });
  t.after(() => lanes.stop());
  await lanes.start();
  const read = async (bytes: number, url = '/cdr') => {
    const { reason } = await lanes.read({
      ...{ body: Buffer.alloc(bytes), url, node: undefined, contentType: undefined },
      ...{ sourceIp: '192.0.2.11', receivedUs: 1_790_000_000_000_000 },
    });
    return reason;
  };
  return { lanes, read };
}

test('a large post is read beside the others, which do not wait for it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-lanes-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { read } = await startLanes(t);
  const first = await read(LARGE);
  let isRead = false;
  // large enough that nobody gives it up meanwhile
  const held = read(8 * 1024 * 1024, join(folder, 'go-on')).then((thread) => {
    isRead = true;
    return thread;
  });
  const threads = new Set<string | undefined>();
  for (let number = 0; number < 20; number += 1) threads.add(await read(100));
  assert.deepEqual([isRead, threads.size, threads.has(first)], [false, 1, false]);
  await writeFile(join(folder, 'go-on'), '');
  assert.equal(await held, first, 'it found the thread of the first');
});

test('the thread for large posts goes when none came for a while, and another one comes', async (t) => {
  const { read } = await startLanes(t, 1);
  const first = await read(LARGE);
  await until('it is read in another thread', async () => (await read(LARGE)) !== first);
});

test('lanes that stopped take nothing more', async (t) => {
  const { lanes, read } = await startLanes(t);
  await read(LARGE);
  await lanes.stop();
  for (const bytes of [1, LARGE]) await assert.rejects(read(bytes), { code: 'parser-unavailable' });
});
