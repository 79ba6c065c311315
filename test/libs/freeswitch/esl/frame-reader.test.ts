import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Frame, FrameReader } from '../../../../libs/freeswitch/esl/frame-reader.ts';
import fc from '../../../support/properties.ts';

const recorded = gunzipSync(
  readFileSync(new URL('../../../fixtures/esl/kill9-json.raw.gz', import.meta.url)),
);

function read(chunks: Buffer[]): Frame[] {
  const reader = new FrameReader();
  return chunks.flatMap((chunk) => reader.push(chunk));
}

function cut(bytes: Buffer, sizes: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const plain = (frames: Frame[]) => frames.map(({ headers, body }) => ({ headers, body: body?.toString() }));

test('the recorded stream gives the same frames in one chunk and byte by byte', () => {
  const whole = plain(read([recorded]));
  assert.equal(whole.length, 47);
  assert.deepEqual(plain(read(cut(recorded, [1]))), whole);
});

test('any cutting of the stream gives the same frames', () => {
  const part = recorded.subarray(0, 20_000);
  const whole = plain(read([part]));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      assert.deepEqual(plain(read(cut(part, sizes))), whole);
    }),
    { numRuns: 50 },
  );
});

test('a stray % in a reply header stays what it is', () => {
  const [frame] = read([Buffer.from('Content-Type: command/reply\nReply-Text: +OK 100% of %zz %41\n\n')]);
  assert.equal(frame?.headers['Reply-Text'], '+OK 100% of %zz %41');
});

test('a body of length 0 is no body, and the next frame follows', () => {
  const frames = read([Buffer.from('Content-Type: api/response\nContent-Length: 0\n\nContent-Type: b\n\n')]);
  assert.deepEqual(plain(frames), [
    { headers: { 'Content-Type': 'api/response', 'Content-Length': '0' }, body: undefined },
    { headers: { 'Content-Type': 'b' }, body: undefined },
  ]);
});

test('a header named __proto__ is data', () => {
  const [frame] = read([Buffer.from('__proto__: x\nContent-Type: b\n\n')]);
  assert.equal(Object.getOwnPropertyDescriptor(frame?.headers, '__proto__')?.value, 'x');
});

for (const length of ['-5', '1e3', 'x', '', '99999999999']) {
  test(`Content-Length ${JSON.stringify(length)} is refused`, () => {
    assert.throws(() => read([Buffer.from(`Content-Length: ${length}\n\n`)]), { code: 'esl-frame-invalid' });
  });
}

test('a header block without an end is refused at its limit', () => {
  const reader = new FrameReader({ headerBytes: 100, bodyBytes: 100 });
  reader.push(Buffer.alloc(100, 'x'));
  assert.throws(() => reader.push(Buffer.from('x')), { code: 'esl-frame-invalid' });
});
