import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SplitMap } from '../../../libs/snapshot/split-map.ts';
import fc from '../../support/properties.ts';

const key = fc.constantFrom('', 'a', 'b', '+4930123', '+4930124', '1001@a.example', 'é');
const order = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ kind: fc.constant('update' as const), key, value: fc.nat() }),
  fc.record({ kind: fc.constant('delete' as const), key, value: fc.constant(0) }),
);

test('a split map holds what a map holds, whatever is done to it', () => {
  fc.assert(
    fc.property(fc.array(order), (orders) => {
      const split = new SplitMap<number>();
      const plain = new Map<string, number>();
      for (const { kind, key: name, value } of orders) {
        if (kind === 'set') {
          split.set(name, value);
          plain.set(name, value);
        } else if (kind === 'update') {
          split.update(name, (present) => (present ?? 0) + value);
          plain.set(name, (plain.get(name) ?? 0) + value);
        } else {
          assert.equal(split.delete(name), plain.delete(name));
        }
        assert.equal(split.size, plain.size);
        assert.equal(split.get(name), plain.get(name));
      }
      assert.deepEqual([...split.values()].sort(), [...plain.values()].sort());
    }),
  );
});
