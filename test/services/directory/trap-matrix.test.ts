import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotRow } from '../../../libs/snapshot/table.ts';
import { dialplanForm } from '../../support/directory/dialplan-call.ts';
import { checkExpanded } from '../../support/directory/expanded-text.ts';
import { preprocessorTrap, TRAPS } from '../../support/directory/hostile.ts';
import {
  didRow,
  directoryModelOf,
  domainRow,
  gatewayRow,
  nodeRow,
  registrationRow,
  userRow,
} from '../../support/directory/lab-model.ts';
import { ask, directoryForm, type Fields, userFields } from '../../support/directory/lookup-body.ts';
import { parseXml } from '../../support/directory/parsed-xml.ts';
import { sealed, surroundingsOf } from '../../support/directory/surroundings.ts';

const DEST_TYPES = ['extension', 'queue', 'ivr', 'conference', 'voicemail', 'external'] as const;

/** A fleet in which every kind of answer has something to say. */
const ROWS = {
  domains: [domainRow('lab.test', { context: 'lab.test', country: 'GB', params: {}, variables: {} })],
  users: [
    userRow('1001', 'lab.test', {
      number_alias: '7001',
      caller_id_name: 'Anna',
      toll_allow: 'international',
      allowed_cidrs: ['192.0.2.0/24'],
      vm_enabled: true,
      reverse_auth_user: 'anna',
      reverse_auth_password_encrypted: sealed('x'),
      esl_password_encrypted: sealed('x'),
    }),
  ],
  groups: [{ domain: 'lab.test', key: 'sales', name: 'sales', params: {}, variables: {} }],
  group_members: [{ domain: 'lab.test', key: 'sales', user: '1001', position: 0 }],
  nodes: [nodeRow('fs01', '192.0.2.11'), nodeRow('fs02', '192.0.2.12')],
  proxies: [{ domain: null, key: 'edge', address: '192.0.2.5/32', sip_port: 5060 }],
  trunks: [gatewayRow('carrier', 'fs01')],
  registrations: [registrationRow('1001', 'lab.test', 'fs02')],
  did_routing: DEST_TYPES.map((dest_type, index) =>
    didRow(`+44207183875${index}`, 'lab.test', { dest_type, destination: '1001' }),
  ),
};

/** What a row is found by, and what no check of the database leaves to a text. */
const KEPT = new Set(['domain', 'key', 'dest_type', 'registered_us', 'registers_on', 'windows', 'time_zone']);
/** Set by administrators only, as they are. */
const OURS = new Set(['dial_string']);
const MAPS = new Set(['params', 'variables', 'vm_settings']);

const ACTIONS = [
  'sip_auth',
  'user_call',
  'group_call',
  'voicemail-lookup',
  'message-count',
  'reverse-auth-lookup',
  'event_socket_auth',
  'jsonrpc-authenticate',
];
const QUESTIONS: readonly Fields[] = [
  userFields('1001', 'lab.test'),
  ...ACTIONS.map((action): Fields => [['action', action], ...userFields('1001', 'lab.test')]),
  [
    ['action', 'group_call'],
    ['group', 'sales'],
  ],
  [['purpose', 'network-list']],
  [
    ['purpose', 'gateways'],
    ['profile', 'internal'],
  ],
  [
    ['purpose', 'publish-vm'],
    ['user', '_all_'],
  ],
  [['Event-Calling-File', 'mod_directory.c']],
  [],
];
const FORMS = [
  ...QUESTIONS.map((fields) => directoryForm('lab.test', fields)),
  ...['1001', '003312345678', '5000', ...ROWS.did_routing.map(({ key }) => key)].map((number) =>
    dialplanForm({ number, context: 'lab.test' }),
  ),
];

const model = directoryModelOf(ROWS);
const surroundings = surroundingsOf(model);

function answers(): string[] {
  return FORMS.map((form) => ask(form, surroundings).xml);
}

/** What is answered while one row has another value. */
function answersWith(table: string, row: SnapshotRow, change: Record<string, unknown>): string[] {
  const handler = model.handlers.find((candidate) => candidate.table.name === table);
  assert(handler !== undefined, table);
  handler.put([{ ...row, ...change }]);
  const given = answers();
  handler.put([row]);
  return given;
}

/** A trap as each kind of value holds it: as a name, too, where names are free. */
function hostileValues(field: string, value: unknown, trap: string): unknown[] {
  if (MAPS.has(field)) return [{ free: trap }, { [trap]: 'x' }];
  if (Array.isArray(value)) return [[trap]];
  return typeof value === 'string' || value === null ? [trap, `1001${trap}`] : [];
}

/** Each row with each of its fields that somebody fills in. */
function* fields(): Generator<{ table: string; row: SnapshotRow; field: string; value: unknown }> {
  for (const [table, rows] of Object.entries(ROWS)) {
    for (const row of rows as SnapshotRow[]) {
      for (const [field, value] of Object.entries(row)) {
        if (!KEPT.has(field) && !OURS.has(field)) yield { table, row, field, value };
      }
    }
  }
}

test('no trap in any field of any row is in any answer where FreeSWITCH would act on it', () => {
  const usual = new Set(answers());
  const seen = new Set(usual);
  const felt = new Set<string>();
  for (const { table, row, field, value } of fields()) {
    for (const hostile of TRAPS.flatMap((trap) => hostileValues(field, value, trap))) {
      for (const xml of answersWith(table, row, { [field]: hostile })) {
        if (!usual.has(xml)) felt.add(`${table}.${field}`);
        if (seen.has(xml)) continue;
        seen.add(xml);
        assert.equal(preprocessorTrap(xml), undefined, `${table}.${field} = ${JSON.stringify(hostile)}`);
        checkExpanded(parseXml(xml));
      }
    }
  }
  for (const field of ['users.caller_id_name', 'users.params', 'domains.variables', 'groups.params']) {
    assert.ok(felt.has(field), `${field} changes an answer`);
  }
  assert.ok(felt.size > 20, [...felt].join(' '));
});
