import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SnapshotRow } from '../../../libs/snapshot/table.ts';
import { readAnsweredUser } from '../../support/directory/answered-user.ts';
import { type Call, dialplanForm } from '../../support/directory/dialplan-call.ts';
import { checkExpanded } from '../../support/directory/expanded-text.ts';
import { hostilePairs, hostileText, preprocessorTrap } from '../../support/directory/hostile.ts';
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
import { surroundingsOf } from '../../support/directory/surroundings.ts';

const DEST_TYPES = ['extension', 'queue', 'ivr', 'conference', 'voicemail', 'external'] as const;
/** Keys stay what is asked for; everything else of a row is hostile, as if the database's checks were not there. */
const KEPT = new Set(['domain', 'key', 'dest_type', 'registered_us', 'priority', 'registers_on']);

/** Replaces texts, lists and maps of a row by hostile ones. */
function hostileRow<Row extends SnapshotRow>(row: Row, kept: readonly string[] = []): fc.Arbitrary<Row> {
  const arbitraries = Object.entries(row).map(([name, value]) => {
    if (KEPT.has(name) || kept.includes(name)) return [name, fc.constant(value)] as const;
    if (/params|variables|vm_settings/.test(name)) return [name, hostilePairs] as const;
    if (name === 'allowed_cidrs') return [name, fc.array(hostileText, { maxLength: 3 })] as const;
    if (typeof value === 'string' || value === null) return [name, fc.option(hostileText)] as const;
    return [name, fc.constant(value)] as const;
  });
  return fc.record(Object.fromEntries(arbitraries)) as fc.Arbitrary<Row>;
}

/** Columns whose check leaves no null, and flags that would only switch answers off. */
const ALWAYS = [
  'sip_profile',
  'host',
  'name',
  'tenant',
  'destination',
  'address',
  'esl_host',
  'user',
  'user_id',
  'state',
  'esl_allowed_events',
  'esl_allowed_api',
];
const notNull = <Row extends SnapshotRow>(arbitrary: fc.Arbitrary<Row>): fc.Arbitrary<Row> =>
  arbitrary.map(
    (row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          value === null && ALWAYS.includes(name) ? 'x' : value,
        ]),
      ) as Row,
  );

const user = notNull(hostileRow(userRow('1001', 'lab.test'), ['ha1']));
const rows = fc.record({
  domains: fc.array(notNull(hostileRow(domainRow('lab.test'), ['dial_string', 'international_prefix'])), {
    minLength: 1,
    maxLength: 1,
  }),
  users: fc.array(user, { minLength: 1, maxLength: 1 }),
  groups: fc.array(
    notNull(hostileRow({ domain: 'lab.test', key: 'sales', name: 'sales', params: null, variables: null })),
    { minLength: 1, maxLength: 1 },
  ),
  group_members: fc.constant([{ domain: 'lab.test', key: 'sales', user: '1001', position: 0 }]),
  nodes: fc
    .tuple(
      notNull(hostileRow(nodeRow('fs01', '192.0.2.11'))),
      notNull(hostileRow(nodeRow('fs02', '192.0.2.12'))),
    )
    .map((nodes) => [...nodes]),
  proxies: fc.array(
    notNull(hostileRow({ domain: null, key: 'edge', address: '192.0.2.5/32', sip_port: 5060 })),
    { maxLength: 1 },
  ),
  trunks: fc.array(notNull(hostileRow(gatewayRow('carrier', 'fs01'))), { maxLength: 1 }),
  did_routing: fc
    .constantFrom(...DEST_TYPES)
    .chain((dest_type) =>
      fc.array(
        notNull(hostileRow(didRow('+442071838750', 'lab.test', { dest_type }), ['time_zone', 'windows'])),
        { minLength: 1, maxLength: 1 },
      ),
    ),
  registrations: fc.constantFrom([], [registrationRow('1001', 'lab.test', 'fs02')]),
});

const question: fc.Arbitrary<Fields> = fc.oneof(
  fc
    .constantFrom(
      undefined,
      'sip_auth',
      'user_call',
      'group_call',
      'voicemail-lookup',
      'reverse-auth-lookup',
      'event_socket_auth',
      'jsonrpc-authenticate',
    )
    .map(
      (action): Fields => [
        ...(action === undefined ? [] : [['action', action] as const]),
        ...userFields('1001', 'lab.test'),
      ],
    ),
  fc.constantFrom<Fields>(
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
  ),
);

const call: fc.Arbitrary<Call> = fc.record(
  {
    number: fc.oneof(hostileText, fc.constantFrom('1001', '+442071838750', '003312345678', '5000')),
    context: fc.oneof(
      { weight: 1, arbitrary: hostileText },
      { weight: 4, arbitrary: fc.constant('lab.test') },
    ),
    host: hostileText,
    from: fc.constantFrom('192.0.2.5', '192.0.2.12', '198.51.100.1'),
    more: fc.array(
      fc.tuple(
        fc.constantFrom(
          'variable_sip_h_X-Call-Correlation-ID',
          'variable_sip_h_x-call-correlation-id',
          'variable_sip_h_X-Switchfleet-Forwarded',
          'variable_domain_name',
          'variable_effective_caller_id_name',
        ),
        hostileText,
      ),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: [] },
);

test('no generated entry makes a directory answer that FreeSWITCH would expand, execute or misread', () => {
  fc.assert(
    fc.property(rows, question, (given, fields) => {
      const { xml } = ask(directoryForm('lab.test', fields), surroundingsOf(directoryModelOf(given)));
      assert.equal(preprocessorTrap(xml), undefined);
      checkExpanded(parseXml(xml));
    }),
    { numRuns: 800 },
  );
});

test('no generated entry or call makes a dialplan with a ${, a second target or a new variable of theirs', () => {
  fc.assert(
    fc.property(rows, call, (given, asked) => {
      const { xml } = ask(dialplanForm(asked), surroundingsOf(directoryModelOf(given)));
      assert.equal(preprocessorTrap(xml), undefined);
      checkExpanded(parseXml(xml));
    }),
    { numRuns: 800 },
  );
});

test('what may be stored comes out of another parser as it went in', () => {
  const printable = fc
    .string({ unit: 'grapheme', maxLength: 30 })
    .filter((text) => /^[^\p{Cc}$`\\{}[\]<>|;"]*$/u.test(text) && !/\^\^|:_:|x-pre-process/i.test(text));
  fc.assert(
    fc.property(
      printable,
      printable.filter((text) => !/[,']/.test(text)),
      (name, value) => {
        const entry = userRow('1001', 'lab.test', {
          caller_id_name: name,
          params: { timezone: value },
          variables: { callgroup: value },
        });
        const model = directoryModelOf({ domains: [domainRow('lab.test')], users: [entry] });
        const { xml } = ask(directoryForm('lab.test', userFields('1001', 'lab.test')), surroundingsOf(model));
        const answered = readAnsweredUser(xml);
        assert.equal(answered?.variables['effective_caller_id_name'], name);
        assert.equal(answered?.params['timezone'], value);
        assert.equal(answered?.variables['callgroup'], value);
      },
    ),
    { numRuns: 500 },
  );
});

test("people are called O'Brien and Smith, Jane", () => {
  const entry = userRow('1001', 'lab.test', { caller_id_name: "O'Brien, Jane" });
  const model = directoryModelOf({ domains: [domainRow('lab.test')], users: [entry] });
  const { xml } = ask(directoryForm('lab.test', userFields('1001', 'lab.test')), surroundingsOf(model));
  assert.equal(readAnsweredUser(xml)?.variables['effective_caller_id_name'], "O'Brien, Jane");
});
