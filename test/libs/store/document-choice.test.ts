import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseDocument } from '../../../libs/store/document-choice.ts';
import type { LegDocument } from '../../../libs/store/leg-documents.sql.ts';

function document(more: Partial<LegDocument>): LegDocument {
  return {
    ...{ uuid: 'leg', start_us: 0, leg_start_us: more.start_us ?? 0, is_row: false, format: 'xml' },
    ...{ switch_name: 'fs01', end_us: 1, received_us: 2, body_sha256: Buffer.alloc(0), body_size: 0 },
    ...{ compression: 'none', dictionary: null, body: Buffer.alloc(0) },
    ...more,
  };
}

test("the leg's own document is meant rather than another system's that was rounded up to a later second", () => {
  const own = document({ start_us: 700_000, is_row: true });
  const imported = document({ start_us: 1_000_000, leg_start_us: 700_000, format: 'json' });
  assert.equal(chooseDocument([imported, own], {})?.document, own);
  assert.equal(chooseDocument([imported, own], { startUs: 700_000 })?.document, own);
  assert.equal(chooseDocument([imported, own], { format: 'json' })?.document, imported);
  assert.equal(chooseDocument([imported, own], { startUs: 1_000_000 })?.document, imported);
  assert.deepEqual(chooseDocument([imported, own], {})?.otherStartsUs, []);
});

test('of several legs the latest is meant, or the one whose start is named', () => {
  const legs = [0, 60, 120].map((seconds) => document({ start_us: seconds * 1_000_000 }));
  const [first, second, third] = legs;
  assert.equal(chooseDocument(legs, {})?.document, third);
  assert.deepEqual(chooseDocument(legs, {})?.otherStartsUs, [60_000_000, 0]);
  assert.equal(chooseDocument(legs, { startUs: 61_000_000 })?.document, second);
  assert.equal(chooseDocument(legs, { startUs: 0 })?.document, first);
  assert.equal(chooseDocument(legs, { startUs: 30_000_000 }), undefined);
});
