import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DidRow } from '../../../../libs/snapshot/tables/did-routing.ts';
import type { UserRow } from '../../../../libs/snapshot/tables/users.ts';
import { actionsOf, type Call } from '../../../support/directory/dialplan-call.ts';
import {
  didRow,
  directoryModelOf,
  domainRow,
  gatewayRow,
  nodeRow,
  registrationRow,
  userRow,
} from '../../../support/directory/lab-model.ts';
import type { Fields } from '../../../support/directory/lookup-body.ts';
import { FRESH_ID, surroundingsOf } from '../../../support/directory/surroundings.ts';

const DIDS: [string, Partial<DidRow>][] = [
  ['+442071838750', { destination: '1001' }],
  ['+442071838751', { dest_type: 'queue', destination: 'support' }],
  ['+442071838752', { dest_type: 'ivr', destination: 'main-menu' }],
  ['+442071838753', { dest_type: 'conference', destination: '5000' }],
  ['+442071838754', { dest_type: 'voicemail', destination: '1002' }],
  ['+442071838755', { dest_type: 'external', destination: '+33123456789' }],
  ['+442071838756', { destination: 'nobody' }],
  ['+442071838757', { active: false }],
  ['+442071838758', { dest_type: 'conference', destination: '5000+1234' }],
  ['+442071838759', { dest_type: 'voicemail', destination: '1001' }],
  ['+442071838760', { destination: '7001', fail_forward: '02071839999' }],
  ['+442071838761', { destination: '1002', fail_forward: '+33123456789' }],
  ['+442071838762', { dest_type: 'external', destination: '+33123456789', fail_forward: '+33123456780' }],
];
const ROWS = {
  domains: [
    domainRow('lab.test', { context: 'from-kamailio', country: 'GB' }),
    domainRow('b.test', { context: 'from-kamailio', tenant: 'b' }),
    domainRow('gone.test', { enabled: false }),
  ],
  users: [
    userRow('1001', 'lab.test', { number_alias: '7001' }),
    userRow('1002', 'lab.test', { vm_enabled: false }),
    userRow('1003', 'lab.test', { enabled: false }),
    userRow('1001', 'b.test'),
  ],
  nodes: [nodeRow('fs01', '192.0.2.11'), nodeRow('fs02', '192.0.2.12')],
  proxies: [{ domain: null, key: 'edge', address: '192.0.2.5/32', sip_port: 5060 }],
  did_routing: [
    ...DIDS.map(([did, values]) => didRow(did, 'lab.test', values)),
    didRow('+4930123456', 'b.test'),
  ],
};
const SURROUNDINGS = surroundingsOf(directoryModelOf(ROWS));
const PROXY = '192.0.2.5';
const HEAD = ['export(domain_name=lab.test)', 'export(tenant=default)'];
const GUEST = 'export(nolocal:switchfleet_guest=true)';
const GUEST_IN_QUEUE = 'set(cc_export_vars=nolocal:switchfleet_guest)';
const FRESH = `export(sip_h_X-Call-Correlation-ID=${FRESH_ID})`;
const NOWHERE = ['respond(404 Not Found)', 'hangup(UNALLOCATED_NUMBER)'];
const RING = 'call_timeout=30';
const RING_OUTSIDE = 'call_timeout=120';

function actions(call: Call): string[] | undefined {
  return actionsOf(call, SURROUNDINGS);
}

/** What the template of the destination gave, without what every call gets. */
function template(call: Call): string[] | undefined {
  return actions(call)?.filter((action) => ![...HEAD, GUEST, GUEST_IN_QUEUE, FRESH].includes(action));
}

const BRIDGE = `bridge({^^:sip_invite_domain=lab.test:presence_id=1001@lab.test:dialed_user=1001:dialed_domain=lab.test}\${sofia_contact(*/1001@lab.test)})`;

/** A call as routing hands it over: under the name that the DID leads to, with the DID beside it. */
function handedOver(number: string, did: string, from = PROXY): Call {
  return { number, from, more: [['variable_sip_h_X-Switchfleet-Did', did]] };
}

const MAILBOX = ['answer()', 'sleep(1000)', 'voicemail(default lab.test 1001)'];
const OUTSIDE = (number: string) => `bridge(sofia/internal/${number}@lab.test;fs_path=sip%3A${PROXY}%3A5060)`;

test('a DID that leads to a mailbox does so when routing hands it over, too', () => {
  assert.deepEqual(template({ number: '+442071838759' }), MAILBOX);
  assert.deepEqual(template(handedOver('1001', '+442071838759')), MAILBOX);
  const rings = template({ number: '1001' });
  assert.deepEqual(template(handedOver('1001', '+442071838750')), rings, 'a DID of the user himself');
  assert.deepEqual(template(handedOver('1001', '+442071838751')), rings, 'a DID that leads elsewhere');
  assert.deepEqual(template(handedOver('1001', '+4930123456')), rings, "another tenant's DID");
  const stranger = template(handedOver('1001', '+442071838759', '203.0.113.9'));
  assert.ok(stranger?.includes(BRIDGE), 'only our own servers say which DID it was');
});

test('behind a destination that cannot be reached comes the number of the DID, then the mailbox', () => {
  for (const call of [
    { number: '+442071838760' },
    handedOver('1001', '+442071838760'),
    handedOver('7001', '+442071838760'),
  ]) {
    const told = template(call) ?? [];
    assert.deepEqual(told.slice(-5), [BRIDGE, OUTSIDE('+442071839999'), ...MAILBOX], JSON.stringify(call));
    assert.ok(told.includes('set(continue_on_fail=true)'));
    assert.ok(told.includes('set(hangup_after_bridge=true)'));
  }
  const withoutMailbox = template({ number: '+442071838761' }) ?? [];
  assert.equal(withoutMailbox.at(-1), OUTSIDE('+33123456789'));
  assert.ok(withoutMailbox.includes('set(continue_on_fail=true)'));
  const outside = template({ number: '+442071838762' }) ?? [];
  assert.deepEqual(outside.slice(-2), [OUTSIDE('+33123456789'), OUTSIDE('+33123456780')]);
});

test('an extension rings, then its mailbox takes the message', () => {
  assert.deepEqual(actions({ number: '1001' }), [
    ...HEAD,
    GUEST,
    GUEST_IN_QUEUE,
    FRESH,
    'set(hangup_after_bridge=true)',
    'set(continue_on_fail=true)',
    `set(${RING})`,
    BRIDGE,
    'answer()',
    'sleep(1000)',
    'voicemail(default lab.test 1001)',
  ]);
});

test('where an administrator wrote the dial-string, FreeSWITCH asks for it: it may name what only `user/` knows', () => {
  const domains = [
    domainRow('lab.test', { dial_string: `sofia/internal/\${dialed_user}@\${dialed_domain}` }),
  ];
  const told = actionsOf({ number: '7001' }, surroundingsOf(directoryModelOf({ ...ROWS, domains })));
  assert.equal(
    told?.find((action) => action.startsWith('bridge')),
    'bridge(user/1001@lab.test)',
  );
});

test('without a mailbox the caller hears why; aliases and any case lead there too', () => {
  const expected = [
    'set(hangup_after_bridge=true)',
    'set(continue_on_fail=false)',
    `set(${RING})`,
    `bridge({^^:sip_invite_domain=lab.test:presence_id=1002@lab.test:dialed_user=1002:dialed_domain=lab.test}\${sofia_contact(*/1002@lab.test)})`,
  ];
  assert.deepEqual(template({ number: '1002' }), expected);
  assert.deepEqual(template({ number: '7001' }), template({ number: '1001' }));
});

test('each kind of destination has its template', () => {
  const cases: [string, string[]][] = [
    ['02071838751', ['answer()', 'callcenter(support@lab.test)']],
    ['02071838752', ['answer()', 'sleep(500)', 'ivr(main-menu@lab.test)']],
    ['02071838753', ['answer()', 'conference(5000~lab.test@default)']],
    ['02071838754', NOWHERE],
    ['02071838756', NOWHERE],
    ['02071838757', NOWHERE],
    ['02071838758', NOWHERE],
    ['404', NOWHERE],
  ];
  for (const [number, expected] of cases) assert.deepEqual(template({ number }), expected, number);
  assert.deepEqual(template({ number: '02071838750' }), template({ number: '1001' }));
  assert.deepEqual(template({ number: 'main-menu' }), ['answer()', 'sleep(500)', 'ivr(main-menu@lab.test)']);
  assert.deepEqual(template({ number: '5000' }), ['answer()', 'conference(5000~lab.test@default)']);
});

test('the world is reached by the proxy, by those who may', () => {
  const outside = (number: string) => [
    'set(hangup_after_bridge=true)',
    'set(continue_on_fail=false)',
    `set(${RING_OUTSIDE})`,
    `bridge(sofia/internal/${number}@lab.test;fs_path=sip%3A192.0.2.5%3A5060)`,
  ];
  const loggedIn: Call = { more: [['variable_domain_name', 'lab.test']] };
  assert.deepEqual(template({ number: '02071838755' }), outside('+33123456789'), 'a DID that leads there');
  assert.deepEqual(template({ ...loggedIn, number: '003312345678' }), outside('+3312345678'));
  assert.deepEqual(template({ number: '003312345678', from: PROXY }), outside('+3312345678'));
  assert.deepEqual(template({ number: '112', from: PROXY }), outside('112'), 'an emergency');
  assert.deepEqual(template({ number: '003312345678' }), NOWHERE, 'a stranger');
  const carrier: Call = { from: PROXY, more: [['variable_sip_h_X-Switchfleet-Trunk', 'carrier']] };
  assert.deepEqual(template({ ...carrier, number: '003312345678' }), NOWHERE, "a carrier's call");
  assert.deepEqual(template({ ...carrier, number: '+442071838750' }), template({ number: '1001' }));
});

/**
 * The leg of somebody who was called, sent on by who called him, as in run 05: it is outbound, has an originator, and its
 * address is that of who answered. What our dialplan exported for the call is on it.
 */
function sentOn(exported: Fields, from: string): Call {
  const leg: Fields = [
    ['Call-Direction', 'outbound'],
    ['variable_originator', '656e759d-5fc8-4fd1-b2b6-b9a123e8d2e0'],
    ['variable_domain_name', 'lab.test'],
  ];
  return { from, more: [...leg, ...exported] };
}

test('a guest has nobody whom he called sent to the world (REFER); a user has', () => {
  const carrier: Call = { from: PROXY, more: [['variable_sip_h_X-Switchfleet-Trunk', 'carrier']] };
  const user: Call = { more: [['variable_domain_name', 'lab.test']] };
  for (const guest of [{}, carrier]) assert.ok(actions({ ...guest, number: '1001' })?.includes(GUEST));
  for (const ours of [user, { from: PROXY }, { from: '192.0.2.12' }])
    assert.ok(!actions({ ...ours, number: '1001' })?.includes(GUEST));
  const exported: Fields = [['variable_switchfleet_guest', 'true']];
  const number = '003312345678';
  // behind a phone, behind the proxy, behind another node
  for (const from of ['198.51.100.7', PROXY, '192.0.2.12']) {
    assert.deepEqual(template({ ...sentOn(exported, from), number }), NOWHERE, from);
    assert.match(
      template({ ...sentOn(exported, from), number: '1002' })?.at(-1) ?? '',
      /1002@lab.test/,
      'but to a user',
    );
    assert.equal(template({ ...sentOn([], from), number })?.at(-1), OUTSIDE('+3312345678'), from);
  }
  // the guest's own leg has the name with its prefix: whom he called may send him anywhere
  const transferred: Fields = [
    ['variable_domain_name', 'lab.test'],
    ['variable_nolocal:switchfleet_guest', 'true'],
  ];
  assert.equal(template({ number, more: transferred })?.at(-1), OUTSIDE('+3312345678'));
});

test('the agent whom a queue calls for a guest is sent to nobody outside', () => {
  const carrier: Call = { from: PROXY, more: [['variable_sip_h_X-Switchfleet-Trunk', 'carrier']] };
  for (const guest of [{}, carrier])
    assert.ok(actions({ ...guest, number: '1001' })?.includes(GUEST_IN_QUEUE));
  const user: Call = { more: [['variable_domain_name', 'lab.test']] };
  assert.ok(!actions({ ...user, number: '1001' })?.includes(GUEST_IN_QUEUE));
  // as in run 05: no originator, no domain
  const agent: Fields = [
    ['Call-Direction', 'outbound'],
    ['variable_cc_side', 'agent'],
  ];
  const marked: Fields = [...agent, ['variable_switchfleet_guest', 'true']];
  const number = '003312345678';
  assert.deepEqual(template({ from: PROXY, more: marked, number }), NOWHERE);
  assert.equal(template({ from: PROXY, more: agent, number })?.at(-1), OUTSIDE('+3312345678'));
});

test('who answers says nothing of who called: a leg sent on is not ours for its address', () => {
  const [direction, originator] = sentOn([], PROXY).more ?? [];
  assert(direction !== undefined && originator !== undefined);
  const number = '003312345678';
  assert.deepEqual(template({ number, from: PROXY, more: [direction, originator] }), NOWHERE);
  assert.equal(
    template({ number, from: PROXY, more: [direction] })?.at(-1),
    OUTSIDE('+3312345678'),
    'an originated leg',
  );
});

test('a call that FreeSWITCH makes itself is ours; a guest of its other endpoints is a stranger', () => {
  const outside = (source: string) => template({ number: '003312345678', context: 'lab.test', source });
  for (const own of [
    'mod_loopback',
    'src/switch_ivr_originate.c',
    '/usr/src/freeswitch/src/switch_ivr_originate.c',
  ])
    assert.match(outside(own)?.at(-1) ?? '', /^bridge\(sofia/, own);
  for (const other of ['mod_verto', 'mod_freetdm', 'mod_skinny', ''])
    assert.deepEqual(outside(other), NOWHERE, other);
  const loggedIn: Call = {
    number: '003312345678',
    source: 'mod_verto',
    more: [['variable_domain_name', 'lab.test']],
  };
  assert.match(template(loggedIn)?.at(-1) ?? '', /^bridge\(sofia/, 'a browser that logged in');
});

test('a user shows his outside number to the world, and to nobody else', () => {
  const shown = (values: Partial<UserRow>, number: string) => {
    const users = [userRow('1001', 'lab.test', values), userRow('1002', 'lab.test', { vm_enabled: false })];
    const surroundings = surroundingsOf(directoryModelOf({ ...ROWS, users }));
    return actionsOf({ number, user: '1001' }, surroundings)?.filter((action) => action.startsWith('bridge'));
  };
  const values = { outbound_caller_id_number: '+442071838750', outbound_caller_id_name: 'Acme Ltd' };
  const target = 'sofia/internal/+3312345678@lab.test;fs_path=sip%3A192.0.2.5%3A5060';
  const number = 'origination_caller_id_number=+442071838750';
  const { outbound_caller_id_number } = values;
  assert.deepEqual(shown(values, '003312345678'), [
    `bridge({^^:${number}:origination_caller_id_name=Acme Ltd}${target})`,
  ]);
  const without = { outbound_caller_id_number, outbound_caller_id_name: "O'Brien, Jane" };
  assert.deepEqual(shown(without, '003312345678'), [`bridge({^^:${number}}${target})`]);
  assert.deepEqual(shown({}, '003312345678'), [`bridge(${target})`]);
  assert.deepEqual(shown({ outbound_caller_id_number: '*31#' }, '003312345678'), [`bridge(${target})`]);
  assert.doesNotMatch(shown(values, '1002')?.[0] ?? '', /origination/, 'a colleague sees 1001');
  const [first, behind] = shown(values, '02071838761') ?? [];
  assert.doesNotMatch(first ?? '', /origination/);
  assert.match(
    behind ?? '',
    /^bridge\(\{\^\^:origination_caller_id_number=\+442071838750:/,
    'where it is forwarded to',
  );
});

test('so does a user whom our proxy let in, which says so; nobody else does by what he writes into From', () => {
  const users = [userRow('1001', 'lab.test', { outbound_caller_id_number: '+442071838750' })];
  const surroundings = surroundingsOf(directoryModelOf({ ...ROWS, users }));
  const from = (user: string, host: string, source?: string): Fields => [
    ['variable_sip_from_user', user],
    ['variable_sip_from_host', host],
    ...(source === undefined ? [] : ([['variable_sip_h_X-Switchfleet-Source', source]] as const)),
  ];
  const shown = (more: Fields, peer = PROXY) => {
    const bridge = actionsOf({ number: '003312345678', from: peer, more }, surroundings)?.at(-1) ?? '';
    return /origination_caller_id_number=([^:}]*)/.exec(bridge)?.[1];
  };
  assert.equal(shown(from('1001', 'LAB.test', 'user')), '+442071838750');
  assert.equal(shown(from('1001', 'lab.test')), undefined, 'the proxy did not say so');
  assert.equal(shown(from('1001', 'b.test', 'user')), undefined, "another tenant's 1001");
  assert.equal(shown(from('+442071838750', 'lab.test', 'user')), undefined, 'nobody is called so');
  assert.equal(shown(from('1001', 'lab.test', 'user'), '203.0.113.9'), undefined, 'a stranger says so');
});

test('without a proxy the node calls by a trunk that it registers', () => {
  const model = directoryModelOf({ ...ROWS, proxies: [], trunks: [gatewayRow('carrier', 'fs01')] });
  const call: Call = { number: '003312345678', more: [['variable_domain_name', 'lab.test']] };
  assert.equal(actionsOf(call, surroundingsOf(model))?.at(-1), 'bridge(sofia/gateway/carrier/+3312345678)');
});

test('a carrier that names no domain reaches DIDs, whichever tenant of the context has them, and nobody else', () => {
  const carrier = (number: string): Call => ({
    ...{ number, context: 'from-kamailio', from: '203.0.113.9', host: '192.0.2.11' },
    more: [['variable_sip_gateway', 'carrier']],
  });
  const told = (number: string) => actions(carrier(number)) ?? [];
  for (const number of ['+442071838750', '442071838750', '02071838750']) {
    assert.ok(told(number).includes('export(tenant=default)'), number);
    assert.ok(told(number).includes(BRIDGE), number);
  }
  assert.ok(told('+4930123456').includes('export(tenant=b)'));
  for (const number of ['1001', '+442071838757', '+442070000000', '003312345678'])
    assert.deepEqual(told(number), NOWHERE, number);
});

test('a call by a trunk of one tenant reaches that tenant and nobody else, as routing has it', () => {
  const dids = [didRow('+442071838750', 'lab.test'), didRow('+492071838750', 'b.test')];
  const domains = [
    domainRow('lab.test', { context: 'public', country: 'GB' }),
    domainRow('b.test', { context: 'public', tenant: 'b', country: 'DE' }),
  ];
  const trunks = [gatewayRow('own', 'fs01', { tenant: 'b' }), gatewayRow('shared', 'fs01')];
  const surroundings = surroundingsOf(directoryModelOf({ ...ROWS, domains, trunks, did_routing: dids }));
  const told = (number: string, gateway: string) => {
    const more: Call['more'] = [['variable_sip_gateway', gateway]];
    return actionsOf(
      { number, context: 'public', from: '203.0.113.9', host: '192.0.2.11', more },
      surroundings,
    );
  };
  assert.ok(told('+442071838750', 'shared')?.includes('export(tenant=default)'));
  assert.deepEqual(told('+442071838750', 'own'), NOWHERE);
  assert.ok(told('02071838750', 'own')?.includes('export(tenant=b)'), 'the same digits in another country');
});

test('a DID is found as it was read, whatever the country of its own domain', () => {
  const domains = [
    domainRow('lab.test', { context: 'public' }),
    domainRow('b.test', { context: 'public', tenant: 'b', country: 'GB' }),
  ];
  const surroundings = surroundingsOf(directoryModelOf({ ...ROWS, domains }));
  const call = { number: '02071838750', context: 'public', from: '203.0.113.9', host: '192.0.2.11' };
  assert.ok(actionsOf(call, surroundings)?.includes(BRIDGE));
});

test('a DID as it is written in two countries at once leads nowhere', () => {
  const [first, second] = ['+442071838750', '+492071838750'];
  const surroundings = surroundingsOf(
    directoryModelOf({
      ...ROWS,
      domains: [
        domainRow('lab.test', { context: 'public', country: 'GB' }),
        domainRow('b.test', { context: 'public', tenant: 'b', country: 'DE' }),
      ],
      did_routing: [didRow(first, 'lab.test'), didRow(second, 'b.test')],
    }),
  );
  const call = (number: string): Call => ({ number, context: 'public', host: '192.0.2.11' });
  assert.ok(actionsOf(call(second), surroundings)?.includes('export(tenant=b)'));
  assert.deepEqual(actionsOf(call('02071838750'), surroundings), NOWHERE);
});

test('a call that routing sends out by a trunk of this node goes to its carrier, never back to the proxy', () => {
  const trunks = [
    gatewayRow('carrier', 'fs01'),
    gatewayRow('other', 'fs02'),
    gatewayRow('theirs', 'fs01', { tenant: 'b' }),
  ];
  const surroundings = surroundingsOf(directoryModelOf({ ...ROWS, trunks }));
  const sent = (gateway: string, number: string, from = PROXY) =>
    actionsOf({ number, from, more: [['variable_sip_h_X-Switchfleet-Gateway', gateway]] }, surroundings);
  assert.deepEqual(sent('carrier', '00443312345678'), [
    ...HEAD,
    'unset(sip_h_X-Switchfleet-Gateway)',
    FRESH,
    'set(hangup_after_bridge=true)',
    'set(continue_on_fail=false)',
    `set(${RING_OUTSIDE})`,
    'bridge(sofia/gateway/carrier/00443312345678)',
  ]);
  assert.equal(
    sent('carrier', '1001')?.at(-1),
    'bridge(sofia/gateway/carrier/1001)',
    'a user has that number here',
  );
  assert.equal(sent('carrier', '9#33')?.at(-1), 'bridge(sofia/gateway/carrier/9%2333)');
  const unavailable = ['respond(503 Service Unavailable)', 'hangup(NORMAL_TEMPORARY_FAILURE)'];
  for (const name of ['other', 'theirs', 'nobodys', `\${system(id)}`])
    assert.deepEqual(sent(name, '+3312345678')?.slice(-2), unavailable, name);
  assert.deepEqual(sent('carrier', `+33\${x}`), NOWHERE);
  assert.deepEqual(sent('carrier', '+3312345678', '198.51.100.1')?.slice(-2), NOWHERE, 'a stranger says so');
});

test('a context of ours belongs to a domain; in other contexts we have nothing to say', () => {
  assert.equal(actions({ context: 'public' }), undefined);
  assert.equal(actions({ context: '' }), undefined);
  assert.equal(actions({ context: 'lab.test"><x' }), undefined);
  assert.equal(actions({ context: 'FROM-KAMAILIO', number: '1001' })?.at(0), HEAD[0]);
  assert.deepEqual(actions({ context: 'gone.test', number: '1001' }), NOWHERE);
});

test('who is logged in calls within his own domain, whatever his request says (I6)', () => {
  const call: Call = { context: 'from-kamailio', number: '1001', host: 'lab.test' };
  const loggedIn: Call = { ...call, more: [['variable_domain_name', 'b.test']] };
  assert.equal(actions(loggedIn)?.at(0), 'export(domain_name=b.test)');
  assert.equal(actions({ ...call, host: 'b.test' })?.at(1), 'export(tenant=b)');
  assert.deepEqual(actions({ ...call, host: 'nowhere.test' }), NOWHERE);
  const outside = actions({ ...loggedIn, number: '+442071838750' })?.at(-1);
  assert.match(
    outside ?? '',
    /^bridge\(sofia\/internal\/\+442071838750@b.test/,
    "another tenant's DID is the world",
  );
});

test('the correlation header of our own servers goes on, anybody else gets a fresh one', () => {
  const id = '11111111-2222-4333-8444-555555555555';
  const correlation = (name: string, value: string, from: string) =>
    actions({ from, more: [[`variable_sip_h_${name}`, value]] })?.filter((action) =>
      /correlation/i.test(action),
    );
  assert.deepEqual(correlation('X-Call-Correlation-ID', id, PROXY), [
    `export(sip_h_X-Call-Correlation-ID=${id})`,
  ]);
  assert.deepEqual(correlation('X-Call-Correlation-ID', id, '198.51.100.1'), [FRESH]);
  assert.deepEqual(correlation('X-Call-Correlation-ID', `\${system(id)}`, PROXY), [FRESH]);
  assert.deepEqual(correlation('x-call-CORRELATION-id', id, '198.51.100.1'), [
    'unset(sip_h_x-call-CORRELATION-id)',
    FRESH,
  ]);
});

test('a leg that is sent on behind a proxy keeps the id that our dialplan gave it', () => {
  const id = '11111111-2222-4333-8444-555555555555';
  const exported: Fields = [['variable_sip_h_X-Call-Correlation-ID', id]];
  const given = `export(sip_h_X-Call-Correlation-ID=${id})`;
  assert.ok(actions({ ...sentOn(exported, PROXY), number: '1002' })?.includes(given));
  assert.ok(!actions({ ...sentOn(exported, '198.51.100.7'), number: '1002' })?.includes(given));
});

test('what only our servers say is taken from everybody else', () => {
  const more: Call['more'] = [['variable_sip_h_X-Switchfleet-Forwarded', '1001@lab.test']];
  const unset = 'unset(sip_h_X-Switchfleet-Forwarded)';
  assert(actions({ more })?.includes(unset));
  assert(!actions({ more, from: PROXY })?.includes(unset));
});

test('all phones of a user ring, but a call that was forwarded here looks at home only', () => {
  const registrations = ['fs01', 'fs02'].map((node, index) =>
    registrationRow('1001', 'lab.test', node, index),
  );
  const surroundings = surroundingsOf(directoryModelOf({ ...ROWS, registrations }));
  const bridge = (call: Call) => actionsOf(call, surroundings)?.find((action) => action.startsWith('bridge'));
  const more: Call['more'] = [['variable_sip_h_X-Switchfleet-Forwarded', '1001@lab.test']];
  assert.match(
    bridge({}) ?? '',
    /sofia_contact.*,\[.*sofia\/internal\/1001@lab.test;fs_path=sip%3A192.0.2.12/,
  );
  assert.equal(bridge({ more, from: '192.0.2.12' }), BRIDGE);
  assert.notEqual(bridge({ more, from: '198.51.100.1' }), BRIDGE, 'a stranger says so');
});

test('behind a call that was forwarded here comes nothing: a mailbox here would answer while other phones ring', () => {
  const forwarded: Fields = [['variable_sip_h_X-Switchfleet-Forwarded', '1001@lab.test']];
  const did: Fields = [['variable_sip_h_X-Switchfleet-Did', '+442071838760']];
  const ringing = ['set(hangup_after_bridge=true)', 'set(continue_on_fail=false)', `set(${RING})`, BRIDGE];
  for (const more of [forwarded, [...forwarded, ...did]])
    assert.deepEqual(template({ more, from: '192.0.2.12' }), ringing);
  const talking: Fields = [...forwarded, ['Answer-State', 'answered']];
  const toMailbox = template({ more: talking, from: '192.0.2.12' });
  assert.deepEqual(toMailbox?.slice(-3), MAILBOX, 'who was talked to is transferred');
  assert.deepEqual(template({ more: forwarded, from: '192.0.2.12', number: '7001' }), ringing);
  const dial_string = `sofia/internal/\${dialed_user}@\${dialed_domain}`;
  const domains = [domainRow('lab.test', { context: 'from-kamailio', country: 'GB', dial_string })];
  const surroundings = surroundingsOf(directoryModelOf({ ...ROWS, domains }));
  const last = actionsOf({ more: forwarded, from: '192.0.2.12' }, surroundings)?.at(-1);
  assert.equal(last, 'bridge(user/1001@lab.test)');
});

test('DIDs count in their time windows only', () => {
  const windows = [{ days: ['sat'], from: '08:00', to: '10:00' }];
  const closed = [{ days: ['sun'] }];
  const model = directoryModelOf({
    ...ROWS,
    did_routing: [
      didRow('+442071838750', 'lab.test', { priority: 2, destination: '1002', windows: closed }),
      didRow('+442071838750', 'lab.test', { priority: 1, destination: '1001', windows }),
    ],
  });
  assert(actionsOf({ number: '+442071838750' }, surroundingsOf(model))?.includes(BRIDGE));
});
