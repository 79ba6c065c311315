import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { type BodyOptions, readBody } from '../../../services/cdr/body.ts';

/** A stream, what it is read to, and every growth that was asked for. */
function reading(options: Partial<BodyOptions> = {}) {
  const stream = new PassThrough();
  const asked: [number, number][] = [];
  const body = readBody(stream, {
    ...{ room: 4, limit: 100, tooLarge: () => new Error('too large') },
    grow: (...growth) => void asked.push(growth),
    ...options,
  });
  return { stream, asked, body };
}

/** Sends chunks one by one. */
async function send(stream: PassThrough, chunks: readonly string[]): Promise<void> {
  for (const chunk of chunks) {
    stream.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
}

test('a body is what came, and asks for room before it holds more', async () => {
  for (const [chunks, growths] of [
    [[], []],
    [['abcd'], []],
    [['ab', 'cd', 'e'], [[4, 8]]],
    [
      [...'abcdefghi'],
      [
        [4, 8],
        [8, 16],
      ],
    ],
    [['x'.repeat(100)], [[96, 100]]],
    [
      ['x'.repeat(60), 'y'.repeat(40)],
      [
        [56, 60],
        [40, 100],
      ],
    ],
  ] satisfies [string[], [number, number][]][]) {
    const { stream, asked, body } = reading();
    await send(stream, chunks);
    assert.equal((await body).toString(), chunks.join(''));
    assert.deepEqual(asked, growths);
  }
});

test('a body that is too large, for which there is no room, or that breaks off, is given up', async () => {
  const large = reading();
  void send(large.stream, ['x'.repeat(60), 'y'.repeat(41), 'z']);
  await assert.rejects(large.body, /too large/);
  const full = reading({
    grow: () => {
      throw new Error('no room');
    },
  });
  void send(full.stream, ['abc', 'def', 'ghi']);
  await assert.rejects(full.body, /no room/);
  assert.equal(full.stream.listenerCount('data'), 0);
  const cut = reading();
  cut.stream.write('ab');
  cut.stream.destroy(new Error('aborted'));
  await assert.rejects(cut.body, { statusCode: 400, code: 'request-aborted' });
});
