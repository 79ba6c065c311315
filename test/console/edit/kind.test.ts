import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  blankOf,
  type Kind,
  keyField,
  neededField,
  optionalField,
  pathOf,
  readItem,
} from '../../../console/edit/kind.ts';

const KIND: Kind = {
  path: 'groups',
  one: 'group',
  many: 'groups',
  key: ['domain', 'name'],
  fields: [
    keyField('domain'),
    keyField('name'),
    neededField('members', 'words'),
    neededField('password', 'secret'),
    neededField('kind', ['ring', 'queue']),
    neededField('weight', 'number', 1),
    optionalField('limit', 'number'),
    neededField('active', 'flag'),
  ],
};

function form(fields: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

test('a form is read as the api takes it: lists of words, numbers, nothing where nothing is written', () => {
  const said = { domain: ' a.test ', name: 'sales', kind: 'queue', weight: '2', limit: '' };
  assert.deepEqual(
    readItem(KIND, form({ ...said, members: '1001, 1002;1003\n', password: ' x ', active: 'on' })),
    {
      ...{ domain: 'a.test', name: 'sales', kind: 'queue', weight: 2, limit: null },
      ...{ members: ['1001', '1002', '1003'], password: ' x ', active: true },
    },
  );
  const unsaid = readItem(KIND, form({ ...said, members: '', password: '' }));
  assert.ok(!('password' in unsaid), 'a secret that nobody wrote stays as it is');
  assert.deepEqual([unsaid['members'], unsaid['active']], [[], false]);
});

test('a new one begins with what it has by default; a name may hold anything in its path', () => {
  const blank = blankOf(KIND);
  assert.deepEqual(
    [blank['weight'], blank['limit'], blank['kind'], blank['active']],
    [1, null, 'ring', true],
  );
  assert.equal(pathOf(KIND, { domain: 'a/b', name: 'x y?' }), '/v1/groups/a%2Fb/x%20y%3F');
});
