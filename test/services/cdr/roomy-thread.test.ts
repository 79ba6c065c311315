import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { openRoomyThread } from '../../../services/cdr/roomy-thread.ts';

const MB = 1024 * 1024;
/** Says how large its young generation is. */
const THREAD = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { getHeapSpaceStatistics } from 'node:v8';
    import { parentPort } from 'node:worker_threads';
    const { space_used_size, space_available_size } = getHeapSpaceStatistics().find((one) => one.space_name === 'new_space');
    parentPort.postMessage(space_used_size + space_available_size);
  `)}`,
);

async function roomOf(thread: Worker): Promise<number> {
  const [bytes] = (await once(thread, 'message')) as [number];
  return bytes / MB;
}

const open = () => openRoomyThread(THREAD, {});
const usualRoom = () => roomOf(new Worker(THREAD));

test('threads that begin at once have room, and a thread of others afterwards has none of it', async () => {
  const rooms = await Promise.all([open(), open(), open()].map(roomOf));
  for (const room of rooms) assert.ok(room > 6, `${room} MB`);
  const usual = await usualRoom();
  assert.ok(usual < 4, `${usual} MB`);
});

test('a thread that begins when another one has begun has room, too', async () => {
  const first = open();
  const room = new Promise<number>((resolve) => {
    first.prependOnceListener('online', () => resolve(roomOf(open())));
  });
  assert.ok((await room) > 6, `${await room} MB`);
});

test('a thread that is ended before it began, or cannot begin, leaves nothing to others', async () => {
  await open().terminate();
  assert.throws(() => openRoomyThread(THREAD, { workerData: () => undefined }), { name: 'DataCloneError' });
  const usual = await usualRoom();
  assert.ok(usual < 4, `${usual} MB`);
});
