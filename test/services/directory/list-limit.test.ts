import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import type { Answer } from '../../../services/directory/answers.ts';
import { createLeftOutReport } from '../../../services/directory/left-out-report.ts';
import { directoryModelOf, domainRow, userRow } from '../../support/directory/lab-model.ts';
import { ask, directoryForm, type Fields } from '../../support/directory/lookup-body.ts';
import { at, parseXml } from '../../support/directory/parsed-xml.ts';
import { surroundingsOf } from '../../support/directory/surroundings.ts';

/** mod_xml_curl's `response-max-bytes`. */
const MAX_BYTES = 1024 * 1024;
const USERS = 13_000;
const ids = Array.from({ length: USERS }, (_, index) => `${100_000 + index}`.padEnd(60, 'x'));
const SURROUNDINGS = surroundingsOf(
  directoryModelOf({
    domains: [domainRow('big.test'), domainRow('small.test')],
    users: [
      ...ids.map((id) =>
        userRow(id, 'big.test', {
          caller_id_name: 'Müller',
          allowed_cidrs: [`2001:db8::${id.slice(2, 6)}/128`],
        }),
      ),
      userRow('1001', 'small.test', { allowed_cidrs: ['192.0.2.1/32'] }),
    ],
    groups: [{ domain: 'big.test', key: 'all', name: 'all', params: null, variables: null }],
    group_members: ids.map((user, position) => ({ domain: 'big.test', key: 'all', user, position })),
  }),
);

const LISTS: [name: string, fields: Fields, path: string][] = [
  ['network-list', [['purpose', 'network-list']], 'section/domain/groups/group/users/user'],
  [
    'publish-vm',
    [
      ['purpose', 'publish-vm'],
      ['user', '_all_'],
    ],
    'section/domain/groups/group/users/user',
  ],
  [
    'group_call',
    [
      ['action', 'group_call'],
      ['group', 'all'],
    ],
    'section/domain/groups/group/users/user',
  ],
  ['mod_directory', [['Event-Calling-File', 'mod_directory.c']], 'section/domain/groups/group/users/user'],
];

function list(domain: string, fields: Fields): Answer {
  return ask(directoryForm(domain, fields), SURROUNDINGS);
}

test('no list is longer than FreeSWITCH takes, and it is known how many are missing', () => {
  for (const [name, fields, path] of LISTS) {
    const { xml, leftOut } = list('big.test', fields);
    assert.ok(Buffer.byteLength(xml) <= MAX_BYTES, name);
    assert.ok(Buffer.byteLength(xml) > 0.9 * MAX_BYTES, `${name} is as long as it may be`);
    const users = at(parseXml(xml), path);
    assert.equal(users[0]?.attributes['id'], ids[0]);
    assert.deepEqual(leftOut, { domain: 'big.test', users: USERS - users.length }, name);
  }
});

test('a list that fits leaves nobody out', () => {
  const { kind, leftOut } = list('small.test', [['purpose', 'network-list']]);
  assert.deepEqual([kind, leftOut], ['users', undefined]);
});

test('what was left out is counted each time, and logged when it changes', async () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const metrics = createMetrics('directory');
  const report = createLeftOutReport(
    metrics,
    createLogger({ service: 'directory', level: 'warn', destination: { write } }),
  );
  const answer = (users: number): Answer => ({
    kind: 'users',
    xml: '',
    leftOut: { domain: 'big.test', users },
  });
  for (const users of [5, 5, 6]) report(answer(users));
  report({ kind: 'user', xml: '' });
  assert.match(await metrics.metrics(), /switchfleet_directory_users_left_out_total\{kind="users".*\} 16/);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).left_out),
    [5, 6],
  );
});
