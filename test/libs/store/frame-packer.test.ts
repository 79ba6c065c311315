import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { dictionaryOf } from '../../../libs/store/dictionary/built-in.ts';
import { createFramePacker, FRAME_PARAMS } from '../../../libs/store/frame-packer.ts';
import fc from '../../support/properties.ts';

const LARGEST = 64 * 1024;
const dictionary = dictionaryOf('xml')?.bytes;

test('every frame stands alone: each document comes back byte for byte, whatever was packed before it', () => {
  const pack = createFramePacker({ dictionary, largest: LARGEST });
  const text = dictionary?.subarray(0, 9_000) ?? Buffer.alloc(0);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 500 }), { minLength: 1, maxLength: 8 }), (changes) => {
      const documents = changes.map((change) => Buffer.concat([text, change, text.subarray(change.length)]));
      const frames = documents.map(pack);
      for (const [i, frame] of frames.toReversed().entries()) {
        const document = documents[documents.length - 1 - i];
        assert.ok(document?.equals(zstdDecompressSync(frame, { ...(dictionary && { dictionary }) })));
      }
    }),
    { numRuns: 200 },
  );
});

test('documents that cannot be made smaller, of no length, of the largest and of more are packed as well', () => {
  const pack = createFramePacker({ dictionary: undefined, largest: LARGEST });
  for (const length of [0, 1, LARGEST - 1, LARGEST, LARGEST + 1, 3 * LARGEST, 17]) {
    const document = randomBytes(length);
    assert.ok(zstdDecompressSync(pack(document)).equals(document), `${length} bytes`);
  }
});

test('one compressor for all documents packs as small as one for each', () => {
  const pack = createFramePacker({ dictionary, largest: LARGEST });
  const document = Buffer.from(
    dictionary?.toString('latin1').replaceAll('1', '2').slice(0, 12_000) ?? '',
    'latin1',
  );
  const alone = zstdCompressSync(document, { params: FRAME_PARAMS, ...(dictionary && { dictionary }) });
  assert.ok(document.length > 10_000);
  for (let i = 0; i < 3; i += 1) assert.ok(pack(document).length <= alone.length * 1.1);
});
