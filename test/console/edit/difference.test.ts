import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf, differencesOf } from '../../../console/edit/difference.ts';
import { type Kind, keyField, neededField, optionalField } from '../../../console/edit/kind.ts';

const KIND: Kind = {
  path: 'users',
  one: 'user',
  many: 'users',
  key: ['user_id'],
  fields: [
    keyField('user_id'),
    neededField('enabled', 'flag'),
    neededField('password', 'secret'),
    optionalField('number_alias'),
  ],
};

test('only what differs is changed and shown', () => {
  const before = { user_id: '1001', enabled: true, number_alias: null };
  const after = { user_id: '1001', enabled: false, number_alias: null };
  assert.deepEqual(changesOf(before, after), { enabled: false });
  assert.deepEqual(differencesOf(KIND, before, after), [{ field: 'enabled', from: 'yes', to: 'no' }]);
  assert.equal(differencesOf(KIND, undefined, after).length, 2);
});

test('a new password is told to be one, and never shown', () => {
  const differences = differencesOf(KIND, { user_id: '1001' }, { user_id: '1001', password: 'word-1' });
  assert.deepEqual(differences, [{ field: 'password', from: 'as it is', to: 'a new one' }]);
});
