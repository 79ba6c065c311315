import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutbox, type Waiting } from '../../../../libs/bus/postgres/outbox.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { collectGarbage } from '../../../support/collect-garbage.ts';

function waiting(): Waiting {
  const publication = { topic: TOPICS.cdrs, left: 1, isSettled: false, settle: () => undefined };
  return { record: { key: 'k', text: '{}', partition: 0, bytes: 3 }, publication };
}

test('what was taken is not kept', async () => {
  const outbox = createOutbox(() => undefined);
  const taken = Array.from({ length: 10 }, () => {
    const record = waiting();
    outbox.put(record);
    return new WeakRef(record);
  });
  outbox.take();
  await collectGarbage();
  assert.equal(taken.filter((record) => record.deref() !== undefined).length, 0);
});
