import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupMemberRow } from '../../../libs/snapshot/tables/groups.ts';
import { createGroupBook } from '../../../services/directory/model/group-book.ts';

const member = (user: string, position = 0): GroupMemberRow => ({
  domain: 'lab.test',
  key: 'sales',
  user,
  position,
});

function openBook() {
  const book = createGroupBook();
  const [groups, members] = book.handlers;
  assert(groups !== undefined && members !== undefined);
  groups.put([{ domain: 'lab.test', key: 'sales', name: 'Sales', params: null, variables: null } as never]);
  return { book, members };
}

test('members stand in the order of their places, then of their names, however they come and change', () => {
  const { book, members } = openBook();
  members.put([member('1003', 1), member('1001', 2)]);
  assert.deepEqual(book.members('SALES', 'lab.test'), ['1003', '1001']);
  members.put([member('1002', 1), member('1001', 0)]);
  assert.deepEqual(book.members('sales', 'lab.test'), ['1001', '1002', '1003']);
  assert.deepEqual(
    book.ofUser('1002', 'lab.test').map(({ name }) => name),
    ['Sales'],
  );
  members.remove('lab.test', 'sales');
  members.put([member('1004')]);
  assert.deepEqual(book.members('sales', 'lab.test'), ['1004']);
  assert.deepEqual(book.ofUser('1002', 'lab.test'), []);
});

test('a group of 20,000 is taken in at once: nothing else is answered meanwhile', () => {
  const { book, members } = openBook();
  const rows = Array.from({ length: 20_000 }, (_, index) =>
    member(String(100_000 + ((index * 7_919) % 20_000))),
  );
  const times = [1, 2, 3].map(() => {
    const startedAt = performance.now();
    members.remove('lab.test', 'sales');
    members.put(rows);
    assert.equal(book.members('sales', 'lab.test').length, 20_000);
    return performance.now() - startedAt;
  });
  assert(Math.min(...times) < 1_000, `${times.map(Math.round).join(', ')} ms`);
});
