// None of these questions was ever recorded but network-list, gateways and message-count (answered "not found" there, or
// plainly): they are written from the table of the protocol and from FreeSWITCH's sources.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOT_FOUND } from '../../../libs/freeswitch/xml/not-found.ts';
import { readAnsweredUser } from '../../support/directory/answered-user.ts';
import {
  directoryModelOf,
  domainRow,
  gatewayRow,
  nodeRow,
  userRow,
} from '../../support/directory/lab-model.ts';
import { ask, directoryForm, type Fields, formOf, userFields } from '../../support/directory/lookup-body.ts';
import { at, type ParsedElement, pairsOf, parseXml } from '../../support/directory/parsed-xml.ts';
import { sealed, surroundingsOf } from '../../support/directory/surroundings.ts';

const HA1 = '0123456789abcdef0123456789abcdef';
const USERS = 'section/domain/groups/group/users/user';

const MODEL = directoryModelOf({
  domains: [
    domainRow('lab.test', { params: { timezone: 'UTC', 'directory-visible': 'true' } }),
    domainRow('other.test', { tenant: 'other' }),
  ],
  users: [
    userRow('1001', 'lab.test', {
      ha1: HA1,
      number_alias: '7001',
      reverse_auth_user: 'carrier-1001',
      reverse_auth_password_encrypted: sealed('pa$$w0rd'),
      esl_password_encrypted: sealed('esl secret'),
      esl_allowed_events: 'HEARTBEAT',
      esl_allowed_api: 'status',
      vm_a1_hash: 'f'.repeat(32),
      vm_mailto: 'jane@lab.test',
      vm_settings: { 'vm-attach-file': 'true', 'vm-convert-cmd': 'rm', 'a1-hash': 'x' },
      allowed_cidrs: ['192.0.2.0/24', '2001:db8::/32'],
    }),
    userRow('1002', 'lab.test', { params: { timezone: 'Europe/Rome' } }),
    userRow('1003', 'lab.test', { enabled: false, allowed_cidrs: ['192.0.2.1/32'] }),
    userRow('1004', 'lab.test', { vm_enabled: false, vm_a1_hash: 'e'.repeat(32) }),
  ],
  groups: [
    {
      domain: 'lab.test',
      key: 'sales',
      name: 'Sales',
      params: { timezone: 'Asia/Tokyo', 'esl-password': 'x' },
      variables: { callgroup: 'sales' },
    },
    { domain: 'lab.test', key: 'empty', name: 'empty', params: null, variables: null },
  ],
  group_members: [
    { domain: 'lab.test', key: 'sales', user: '1002', position: 2 },
    { domain: 'lab.test', key: 'sales', user: '1001', position: 1 },
    { domain: 'lab.test', key: 'sales', user: '1003', position: 3 },
  ],
  nodes: [nodeRow('fs01', '192.0.2.11')],
  trunks: [
    gatewayRow('carrier', 'fs01', { auth_username: 'acme', auth_password_encrypted: sealed('trunk$ecret') }),
    gatewayRow('elsewhere', 'fs02'),
    gatewayRow('foreign', 'fs01', { tenant: 'other', sip_profile: 'external' }),
  ],
});
const SURROUNDINGS = surroundingsOf(MODEL);

interface AskedUser {
  kind: string;
  params: Record<string, string>;
  variables: Record<string, string>;
}

function user(action: string | undefined, name = '1001', fields: Fields = []): AskedUser {
  const before: Fields = action === undefined ? fields : [['action', action], ...fields];
  const { kind, xml } = ask(
    directoryForm('lab.test', [...before, ...userFields(name, 'lab.test')]),
    SURROUNDINGS,
  );
  if (kind !== 'user') return { kind, params: {}, variables: {} };
  const [entry, ...others] = at(parseXml(xml), USERS);
  assert.equal(others.length, 0);
  return {
    kind,
    params: pairsOf(at(entry as ParsedElement, 'params/param')),
    variables: pairsOf(at(entry as ParsedElement, 'variables/variable')),
  };
}

function domain(fields: Fields, name = 'lab.test', hostname = 'fs01'): ParsedElement | undefined {
  const { xml } = ask(directoryForm(name, fields, hostname), SURROUNDINGS);
  return xml === NOT_FOUND ? undefined : parseXml(xml);
}

test('reverse-auth-lookup gives what the user answers a challenge with, in plain text', () => {
  const { params } = user('reverse-auth-lookup');
  assert.equal(params['reverse-auth-user'], 'carrier-1001');
  assert.equal(params['reverse-auth-pass'], 'pa$$w0rd');
  assert.equal(params['a1-hash'], undefined);
  assert.equal(user('reverse-auth-lookup', '1002').kind, 'not-found');
});

test('event_socket_auth gives the password and what it allows; without a password there is no such user', () => {
  const { params } = user('event_socket_auth');
  assert.equal(params['esl-password'], 'esl secret');
  assert.equal(params['esl-allowed-log'], 'false');
  assert.equal(params['esl-allowed-events'], 'HEARTBEAT');
  assert.equal(params['esl-allowed-api'], 'status');
  assert.equal(user('event_socket_auth', '1002').kind, 'not-found');
});

test('jsonrpc-authenticate gives the digest', () => {
  assert.equal(user('jsonrpc-authenticate').params['a1-hash'], HA1);
  assert.equal(user('jsonrpc-authenticate').params['jsonrpc-allowed-methods'], 'verto');
});

test('stored settings of a mailbox are left out when mod_voicemail would read more in them than they say', () => {
  const settingsOf = (settings: Record<string, string>) => {
    const model = directoryModelOf({
      domains: [
        domainRow('lab.test'),
        domainRow('branch.test'),
        domainRow('other.test', { tenant: 'other' }),
      ],
      users: [
        userRow('1001', 'lab.test', { vm_settings: settings, vm_mailto: '-Xlog@lab.test' }),
        userRow('1002', 'branch.test'),
        userRow('1003', 'lab.test', { vm_settings: { 'vm-cc': '1001@lab.test' } }),
        userRow('1001', 'other.test'),
      ],
    });
    const form = directoryForm('lab.test', [
      ['action', 'voicemail-lookup'],
      ...userFields('1001', 'lab.test'),
    ]);
    return readAnsweredUser(ask(form, surroundingsOf(model)).xml)?.params ?? {};
  };
  const settings = {
    'vm-operator-extension': 'eavesdrop:all inline',
    'vm-cc': '1002@branch.test /etc/freeswitch/vars.xml',
    'vm-notify-mailto': '-X/tmp/log',
  };
  for (const name of [...Object.keys(settings), 'vm-mailto'])
    assert.equal(settingsOf(settings)[name], undefined, name);
  const fit = { 'vm-operator-extension': '1002', 'vm-cc': '1002@branch.test' };
  assert.equal(settingsOf(fit)['vm-operator-extension'], '1002');
  assert.equal(settingsOf(fit)['vm-cc'], '1002@branch.test');
  // no other tenant's mailbox, nobody's, and no circle: mod_voicemail would follow it until the node ends
  for (const address of ['1001@other.test', '1999@lab.test', '1001@lab.test', '1003@lab.test'])
    assert.equal(settingsOf({ 'vm-cc': address })['vm-cc'], undefined, address);
});

test('voicemail questions give the mailbox; only a login gives its hash, and never an open door', () => {
  for (const action of ['voicemail-lookup', 'web-vm']) {
    const { params } = user(action);
    assert.equal(params['vm-a1-hash'], 'f'.repeat(32));
    assert.match(params['vm-password'] ?? '', /[^0-9*#A-D]/, 'nobody can dial it');
    assert.equal(params['vm-mailto'], 'jane@lab.test');
    assert.equal(params['vm-attach-file'], 'true');
    assert.equal(params['vm-convert-cmd'], undefined);
    assert.equal(params['a1-hash'], undefined);
  }
  assert.match(user('voicemail-lookup', '1002').params['vm-password'] ?? '', /[^0-9*#A-D]/);
  assert.equal(user('message-count').params['vm-a1-hash'], undefined);
  assert.equal(user('message-count', '1004').params['vm-enabled'], 'false');
});

test('every answer about a user closes the door of the empty password', () => {
  const actions = [undefined, 'sip_auth', 'user_call', 'group_call', 'voicemail-lookup', 'message-count'];
  for (const action of [...actions, 'reverse-auth-lookup', 'event_socket_auth', 'jsonrpc-authenticate']) {
    assert.equal(user(action).params['allow-empty-password'], 'false', action);
  }
});

test('so does every answer with a list of users, whatever it is asked for', () => {
  const questions: [fields: Fields, name?: string][] = [
    [[['purpose', 'network-list']]],
    [
      [
        ['purpose', 'publish-vm'],
        ['user', '_all_'],
      ],
    ],
    [
      [
        ['purpose', 'gateways'],
        ['profile', 'internal'],
      ],
    ],
    [
      [
        ['purpose', 'gateways'],
        ['profile', 'external'],
      ],
      '',
    ],
    [[['Event-Calling-File', 'mod_directory.c']]],
  ];
  for (const [fields, name] of questions) {
    const users = at(domain(fields, name) as ParsedElement, USERS);
    assert.ok(users.length > 0, JSON.stringify(fields));
    for (const entry of users) {
      const params = pairsOf(at(entry, 'params/param'));
      assert.equal(
        params['allow-empty-password'],
        'false',
        `${JSON.stringify(fields)} ${entry.attributes['id']}`,
      );
    }
  }
});

test('params and variables merge user over group over domain', () => {
  assert.equal(user(undefined, '1001').params['timezone'], 'Asia/Tokyo');
  assert.equal(user(undefined, '1002').params['timezone'], 'Europe/Rome');
  assert.equal(user(undefined, '1004').params['timezone'], 'UTC');
  assert.equal(user(undefined, '1001').variables['callgroup'], 'sales');
  assert.equal(user(undefined, '1001').params['esl-password'], undefined);
});

test('group_call gives a group and pointers to its enabled users, in order', () => {
  const root = domain([
    ['group', 'SALES'],
    ['domain', 'lab.test'],
    ['action', 'group_call'],
    ['group_name', 'SALES'],
    ['domain', 'lab.test'],
  ]);
  const [group] = at(root as ParsedElement, 'section/domain/groups/group');
  assert.equal(group?.attributes['name'], 'Sales');
  const users = at(group as ParsedElement, 'users/user').map(({ attributes }) => attributes);
  assert.deepEqual(users, [
    { id: '1001', type: 'pointer' },
    { id: '1002', type: 'pointer' },
  ]);
});

test('the pointers of a group are asked for with the same params, three more fields each time', () => {
  const params: Fields = [
    ['group', 'sales'],
    ['domain', 'lab.test'],
    ['action', 'group_call'],
    ['group_name', 'sales'],
    ['domain', 'lab.test'],
  ];
  const first = [...params, ...userFields('1001', 'lab.test')];
  const second = [...first, ...userFields('1002', 'lab.test')];
  for (const [fields, id] of [
    [first, '1001'],
    [second, '1002'],
  ] as const) {
    const [entry] = at(domain(fields) as ParsedElement, USERS);
    assert.equal(entry?.attributes['id'], id);
    const entryParams = pairsOf(at(entry as ParsedElement, 'params/param'));
    assert.equal(entryParams['group-dial-string'], `user/${id}@lab.test`);
  }
});

test('unknown groups are unknown, two groups are nobody', () => {
  const kind = (fields: Fields) => ask(directoryForm('lab.test', fields), SURROUNDINGS).kind;
  assert.equal(
    kind([
      ['action', 'group_call'],
      ['group', 'nobody'],
    ]),
    'unknown',
  );
  assert.equal(
    kind([
      ['action', 'group_call'],
      ['group', 'sales'],
      ['group_name', 'empty'],
    ]),
    'not-found',
  );
  assert.equal(
    kind([
      ['action', 'group_call'],
      ['group', 'empty'],
    ]),
    'group',
  );
});

test('user_data asks by id and, on a miss, by number-alias with the fields of both', () => {
  const fields = [...userFields('7001', 'lab.test'), ...userFields('7001', 'lab.test', 'number-alias')];
  assert.equal(domain(userFields('7001', 'lab.test')), undefined);
  const [entry] = at(domain(fields) as ParsedElement, USERS);
  assert.equal(entry?.attributes['id'], '1001');
});

test('user/7001 finds the user by its number-alias, as FreeSWITCH does in its own files', () => {
  assert.equal(user('user_call', '7001').kind, 'user');
  assert.equal(user('sip_auth', '7001').kind, 'unknown');
});

test('network-list gives the enabled users that an address lets in, IPv4 and IPv6', () => {
  const root = domain([
    ['domain', 'lab.test'],
    ['purpose', 'network-list'],
  ]);
  assert.deepEqual(
    at(root as ParsedElement, USERS).map(({ attributes }) => attributes),
    [{ id: '1001', cidr: '192.0.2.0/24,2001:db8::/32' }],
  );
  assert.equal(
    domain(
      [
        ['domain', 'other.test'],
        ['purpose', 'network-list'],
      ],
      'other.test',
    ),
    undefined,
  );
});

test('gateways are those that the asking node registers, where FreeSWITCH reads them', () => {
  const gateways = (name: string, profile: string, hostname = 'fs01') => {
    const root = domain(
      [
        ['purpose', 'gateways'],
        ['profile', profile],
      ],
      name,
      hostname,
    );
    return root === undefined ? [] : at(root, `${USERS}/gateways/gateway`);
  };
  const names = (...args: Parameters<typeof gateways>) =>
    gateways(...args).map(({ attributes }) => attributes['name']);
  assert.deepEqual(names('', 'internal'), ['carrier']);
  assert.deepEqual(names('', 'external'), ['carrier', 'foreign']);
  assert.deepEqual(names('lab.test', 'external'), ['carrier'], "another tenant's trunk is not there");
  assert.deepEqual(names('', 'internal', 'fs03'), []);
  const [carrier] = gateways('', 'internal');
  const params = pairsOf(at(carrier as ParsedElement, 'param'));
  assert.equal(params['username'], 'acme');
  assert.equal(params['password'], 'trunk$ecret');
  assert.equal(params['register'], 'true');
  assert.equal(params['proxy'], 'carrier.example:5060');
  // sofia: a request to `gw+NAME` then has the number of To, any other its own; else it would be the username
  assert.equal(params['extension'], 'auto');
  assert.equal(params['extension-in-contact'], undefined);
});

test('publish-vm gives whole users: one, a group, or everybody with a mailbox', () => {
  const ids = (fields: Fields) => {
    const root = domain([['domain', 'lab.test'], ['purpose', 'publish-vm'], ...fields]);
    return root === undefined ? [] : at(root, USERS).map(({ attributes }) => attributes['id']);
  };
  assert.deepEqual(ids([['user', '1001']]), ['1001']);
  assert.deepEqual(ids([['user', '_all_']]), ['1001', '1002']);
  assert.deepEqual(ids([['group', 'sales']]), ['1001', '1002']);
  assert.deepEqual(ids([['user', '1004']]), [], 'who has no mailbox');
  assert.deepEqual(ids([['user', 'nobody']]), []);
  assert.deepEqual(ids([]), []);
});

test('a domain alone is a domain; mod_directory gets everybody in it', () => {
  const [entry] = at(domain([['domain', 'lab.test']]) as ParsedElement, 'section/domain');
  assert.deepEqual(entry?.attributes, { name: 'lab.test' });
  assert.equal(domain([], 'nowhere.test'), undefined);
  const listing = domain([
    ['Event-Calling-File', 'mod_directory.c'],
    ['domain', 'lab.test'],
  ]);
  const ids = at(listing as ParsedElement, USERS).map(({ attributes }) => attributes['id']);
  assert.deepEqual(ids, ['1001', '1002', '1004']);
});

test('everything else is the exact "not found"', () => {
  const bodies = [
    directoryForm('lab.test', [['action', 'anything'], ...userFields('1001', 'lab.test')]),
    directoryForm('lab.test', [['purpose', 'anything']]),
    directoryForm('lab.test', [
      ['action', 'sip_auth'],
      ['action', 'user_call'],
      ...userFields('1001', 'lab.test'),
    ]),
    directoryForm('lab.test', userFields('1001', 'lab.test', 'ip')),
    directoryForm('lab.test', userFields('1001', 'other.test')),
    formOf([['section', 'phrases']], []),
    formOf(
      [
        ['section', 'configuration'],
        ['key_value', 'sofia.conf'],
      ],
      [],
    ),
    '',
  ];
  for (const body of bodies) assert.equal(ask(body, SURROUNDINGS).xml, NOT_FOUND, body);
  const expected =
    '<document type="freeswitch/xml">\n<section name="result">\n<result status="not found"/>\n</section>\n</document>\n';
  assert.equal(NOT_FOUND, expected);
});

test('cacheable is an opt-in of a domain, refused where names could be taken for each other', () => {
  const model = directoryModelOf({
    domains: [
      domainRow('01.example', { cacheable_ms: 60_000 }),
      domainRow('1.example'),
      domainRow('safe.test', { cacheable_ms: 60_000 }),
      domainRow('plain.test'),
    ],
    users: ['01.example', 'safe.test', 'plain.test'].map((name) => userRow('10', name)),
  });
  const cacheable = (name: string) => {
    const fields: Fields = [['action', 'user_call'], ...userFields('10', name)];
    const [entry] = at(parseXml(ask(directoryForm(name, fields), surroundingsOf(model)).xml), USERS);
    return entry?.attributes['cacheable'];
  };
  assert.equal(cacheable('safe.test'), '60000');
  assert.equal(cacheable('01.example'), undefined);
  assert.equal(cacheable('plain.test'), undefined);
});
