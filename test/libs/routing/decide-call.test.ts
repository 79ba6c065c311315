import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callDocument } from '../../../libs/kamailio/call-document.ts';
import type { CallDecision, CallQuestion } from '../../../libs/routing/call-decision.ts';
import { decideCall } from '../../../libs/routing/decide-call.ts';
import fc from '../../support/properties.ts';
import { type LabRows, loadOf, stateOf } from '../../support/routing/lab-fleet.ts';

const ROWS: LabRows = {
  domains: [
    { domain: 'a.example', tenant: 'one', node: 'fs01' },
    { domain: 'b.example', tenant: 'two', node: 'fs02' },
    { domain: 'off.example', tenant: 'one', enabled: false },
  ],
  nodes: [
    { key: 'fs01', sip_uri: 'sip:192.0.2.11:5060' },
    { key: 'fs02', sip_uri: 'sip:192.0.2.12:5060' },
    { key: 'fs03', sip_uri: 'sip:192.0.2.13:5060' },
  ],
  dispatch_members: [{ key: '7', node: 'fs03' }],
  dest_type_sets: [{ key: 'conference', set_id: 7 }],
  trunks: [
    { key: 'world', host: '192.0.2.50' },
    { key: 'backup', host: '192.0.2.51', headers: { 'X-Account': 'one' } },
    { key: 'theirs', host: '192.0.2.52', tenant: 'two' },
  ],
  trunk_routing: [
    { key: '', trunk: 'world', priority: 2 },
    { key: '', trunk: 'backup', priority: 1, caller_id_rewrite: '+4930555', strip: 2, prepend: '0' },
  ],
  did_routing: [
    { domain: 'a.example', key: '+4930100', destination: '1001', fail_forward: '+4940777' },
    { domain: 'a.example', key: '+4930300', dest_type: 'conference', destination: '3000' },
    { domain: 'a.example', key: '+4930400', dest_type: 'external', destination: '+4940888' },
    { domain: 'b.example', key: '+4930200', destination: '1001' },
  ],
  users: [
    { domain: 'a.example', key: '1001' },
    { domain: 'a.example', key: '1002' },
    { domain: 'b.example', key: '1001' },
  ],
  registrations: [{ domain: 'a.example', key: '1002', node: 'fs03' }],
};

const LOADS = ['fs01', 'fs02', 'fs03'].map((node) => loadOf(node));
const NOBODY = '203.0.113.9:5060';

function ask(question: Partial<CallQuestion>, rows: LabRows = ROWS): CallDecision {
  const nothing = {
    from: 'sip:1002@a.example',
    domain: undefined,
    src: NOBODY,
    callId: 'call@lab',
    nodeFirst: false,
  };
  return decideCall(stateOf(rows, LOADS), { to: '', attempted: new Set(), ...nothing, ...question });
}

/** `node fs01 1001@a.example`, `trunk world +49…` in order. */
function legs(decision: CallDecision): string[] {
  if (decision.result === 'reject') return [`${decision.code}`];
  return decision.legs.map((leg) =>
    leg.kind === 'node'
      ? `node ${leg.choice.node} ${leg.user}@${leg.host}`
      : `trunk ${leg.choice.trunk} ${leg.choice.number}`,
  );
}

test('a carrier reaches DIDs, each in its own tenant, and falls forward', () => {
  assert.deepEqual(legs(ask({ to: '+4930100', domain: '192.0.2.1', src: '192.0.2.50:5060' })), [
    'node fs01 1001@a.example',
    'trunk world +4940777',
    'trunk backup 040777',
  ]);
  assert.deepEqual(legs(ask({ to: '+4930200', domain: '192.0.2.1', src: '192.0.2.50:5060' })), [
    'node fs02 1001@b.example',
  ]);
});

test('a node that is known by a host name is known by the address at which it was reached', () => {
  const named = { key: 'fs04', sip_uri: 'sip:fs04.example:5060' };
  const nodes = [...(ROWS.nodes ?? []), { ...named, esl_address: '192.0.2.14' }];
  for (const src of ['192.0.2.14:5060', '192.0.2.14:5080', '192.0.2.14']) {
    assert.deepEqual(ask({ to: '1001', src }, { ...ROWS, nodes }).source, { kind: 'node', name: 'fs04' });
    assert.equal(ask({ to: '1001', src }, { ...ROWS, nodes: [named] }).source, undefined);
  }
});

test('a carrier reaches nothing but DIDs', () => {
  const src = '192.0.2.50:5060';
  assert.deepEqual(legs(ask({ to: '+4930999', domain: 'a.example', src })), ['404']);
  assert.deepEqual(legs(ask({ to: '1001', domain: 'a.example', src })), ['404']);
  assert.deepEqual(legs(ask({ to: '*97', domain: 'a.example', src })), ['404']);
});

test('a tenant’s own trunk reaches that tenant’s DIDs only', () => {
  assert.deepEqual(legs(ask({ to: '+4930100', domain: undefined, src: '192.0.2.52:5060' })), ['404']);
  assert.equal(ask({ to: '+4930200', src: '192.0.2.52:5060' }).result, 'route');
});

test('a carrier at which two tenants have trunks reaches the DIDs of both, each by its own trunk', () => {
  const trunks = [
    { key: 'ours', host: '192.0.2.60', tenant: 'one' },
    { key: 'theirs', host: '192.0.2.60', tenant: 'two' },
    { key: 'off', host: '192.0.2.60', tenant: 'two', enabled: false },
  ];
  const rows = { ...ROWS, trunks };
  for (const src of ['192.0.2.60:5060', '192.0.2.60:40000', '192.0.2.60']) {
    const ours = ask({ to: '+4930100', src }, rows);
    assert.deepEqual(
      [ours.result, ours.tenant, ours.source],
      ['route', 'one', { kind: 'trunk', name: 'ours' }],
    );
    const theirs = ask({ to: '+4930200', src }, rows);
    assert.deepEqual([theirs.result, theirs.source], ['route', { kind: 'trunk', name: 'theirs' }]);
    assert.deepEqual(legs(ask({ to: '1001', domain: 'a.example', src }, rows)), ['404'], 'nothing but DIDs');
  }
});

test('of several trunks at one address of which none fits, nobody is named, and no DID of others is reached', () => {
  const trunks = ['first', 'second'].map((key) => ({ key, host: '192.0.2.60', tenant: 'two' }));
  const rows = { ...ROWS, trunks };
  assert.deepEqual(legs(ask({ to: '+4930100', src: '192.0.2.60' }, rows)), ['404']);
  const own = ask({ to: '+4930200', src: '192.0.2.60' }, rows);
  assert.deepEqual([own.result, own.source], ['route', { kind: 'trunk', name: '' }]);
  const document = callDocument(own, { correlationHeader: 'X-Id', correlationId: 'i', isCorrelated: true });
  assert.ok(!JSON.stringify(document).includes('X-Switchfleet-Trunk'));
});

test('a source is known by its IPv6 address, with or without brackets and a port', () => {
  const rows = { ...ROWS, trunks: [{ key: 'six', host: '2001:db8::50', tenant: 'one' }] };
  for (const src of ['[2001:db8::50]:5060', '[2001:DB8:0::50]:40000', '2001:db8::50']) {
    assert.deepEqual(ask({ to: '+4930100', src }, rows).source, { kind: 'trunk', name: 'six' }, src);
  }
});

test('the same extension in two tenants is two users', () => {
  assert.deepEqual(legs(ask({ to: '1001', domain: 'a.example' })), ['node fs01 1001@a.example']);
  assert.deepEqual(legs(ask({ to: '1001', domain: 'b.example' })), ['node fs02 1001@b.example']);
  assert.deepEqual(legs(ask({ to: 'sip:1001@B.example;user=phone' })), ['node fs02 1001@b.example']);
});

test('a user is called where it is registered, then where its domain’s calls go', () => {
  assert.deepEqual(legs(ask({ to: '1002', domain: 'a.example' })), [
    'node fs03 1002@a.example',
    'node fs01 1002@a.example',
  ]);
});

test('a number outside goes by the trunks, with what each of them wants', () => {
  const decision = ask({ to: '0040123456', domain: 'a.example' });
  assert.deepEqual(legs(decision), ['trunk world +40123456', 'trunk backup 0123456']);
  const document = callDocument(decision, {
    correlationHeader: 'X-Id',
    correlationId: 'i',
    isCorrelated: true,
  });
  assert(document.result === 'route');
  assert.deepEqual(document.routes[0]?.headers, undefined);
  assert.deepEqual(document.routes[1]?.headers, {
    from: { display: '""', uri: 'sip:+4930555@a.example' },
    extra: 'X-Account: one\r\n',
  });
});

test('another tenant’s DID is a number outside like any other', () => {
  assert.deepEqual(legs(ask({ to: '+4930200', domain: 'a.example' })), [
    'trunk world +4930200',
    'trunk backup 030200',
  ]);
});

test('phones’ calls pass a node first where that is wished; the node’s own call then leaves', () => {
  const call = { to: '+40123456', domain: 'a.example', nodeFirst: true };
  assert.deepEqual(legs(ask(call)), ['node fs01 +40123456@a.example']);
  assert.deepEqual(legs(ask({ ...call, src: '192.0.2.11:5060' }))[0], 'trunk world +40123456');
});

test('where calls pass a node first, those to a DID that leads outside do, too', () => {
  const call = { to: '+4930400', domain: '192.0.2.1', nodeFirst: true };
  assert.deepEqual(legs(ask({ ...call, src: '192.0.2.50:5060' })), ['node fs01 +4930400@a.example']);
  assert.deepEqual(legs(ask({ ...call, src: '192.0.2.11:5060' }))[0], 'trunk world +4940888');
});

test('a call for help that passes a node first goes to a full one rather than nowhere', () => {
  const rows: LabRows = {
    domains: [{ domain: 'a.example' }],
    nodes: ['fs01', 'fs02'].map((key) => ({ key, max_sessions: 10, sip_uri: `sip:${key}.example` })),
    trunks: [{ key: 'help', is_emergency: true }, { key: 'world' }],
    trunk_routing: [
      { key: '112', trunk: 'help' },
      { key: '', trunk: 'world' },
    ],
  };
  const decide = (to: string, sessions: number[]) => {
    const loads = sessions.map((count, index) => loadOf(`fs0${index + 1}`, { sessions: count }));
    const question = { from: '', domain: 'a.example', src: NOBODY, callId: 'c', nodeFirst: true };
    return legs(decideCall(stateOf(rows, loads), { to, attempted: new Set<string>(), ...question }));
  };
  assert.deepEqual(decide('112', [10, 9]), ['node fs02 112@a.example', 'node fs01 112@a.example']);
  assert.equal(decide('112', [10, 10]).length, 2);
  assert.deepEqual(decide('+40123456', [10, 10]), ['503']);
});

test('From counts only where one of our nodes wrote it', () => {
  const call = { to: '+40123456', from: 'sip:1001@a.example', domain: '192.0.2.1' };
  assert.deepEqual(legs(ask({ ...call, src: '192.0.2.11:5060' }))[0], 'trunk world +40123456');
  assert.deepEqual(legs(ask(call)), ['404']);
});

test('what only a dialplan knows goes to a node, and never back to the node that asks', () => {
  assert.deepEqual(legs(ask({ to: '*97', domain: 'a.example' })), ['node fs01 *97@a.example']);
  assert.deepEqual(legs(ask({ to: '*97', domain: 'a.example', src: '192.0.2.11:5060' })), ['404']);
});

test('a name that DIDs call both a room and a queue is the same to every instance, in whatever order it heard of them', () => {
  const rooms = (['conference', 'queue'] as const).map((dest_type, index) => ({
    ...{ domain: 'a.example', key: `+493030${index}`, dest_type, destination: '3000' },
  }));
  for (const did_routing of [rooms, rooms.toReversed()]) {
    const decision = ask({ to: '3000', domain: 'a.example' }, { ...ROWS, did_routing });
    assert.equal(decision.result === 'route' && decision.pin, 'conference:3000@a.example');
  }
});

test('who parks and who picks up dial different codes of a domain, and meet on one node', () => {
  const state = stateOf(ROWS, LOADS);
  const pinOf = (to: string, domain = 'b.example') => {
    const decision = ask({ to, domain });
    return decision.result === 'route' ? decision.pin : undefined;
  };
  assert.equal(pinOf('*5901'), 'codes@b.example');
  assert.equal(pinOf('*97'), pinOf('*5901'));
  assert.notEqual(pinOf('*97', 'a.example'), pinOf('*97'));
  const rows: LabRows = { ...ROWS, domains: [{ domain: 'b.example', tenant: 'two' }], dest_type_sets: [] };
  const nodes = ['fs01', 'fs02'].map((node) => ({ key: '1', node }));
  const lot = loadOf('fs02', { at_us: state.nowUs + 1, sessions: 90, pins: { 'codes@b.example': 1 } });
  const parked = stateOf({ ...rows, dispatch_members: nodes }, [...LOADS, lot]);
  const pickUp = decideCall(parked, {
    ...{ to: '*5901', from: '', domain: 'b.example', src: NOBODY, callId: 'other@lab' },
    ...{ attempted: new Set<string>(), nodeFirst: false },
  });
  assert.deepEqual(legs(pickUp), ['node fs02 *5901@b.example'], 'where the lot is in use, whatever its load');
});

test('callers of a room from inside and outside get the same pin and set', () => {
  const inside = ask({ to: '3000', domain: 'a.example' });
  const outside = ask({ to: '+4930300', src: '192.0.2.50:5060' });
  assert.deepEqual(legs(inside), ['node fs03 3000@a.example']);
  assert.deepEqual(legs(outside), legs(inside));
  assert.equal(inside.result === 'route' && inside.pin, 'conference:3000@a.example');
  assert.equal(outside.result === 'route' && outside.pin, 'conference:3000@a.example');
});

test('a DID may lead outside', () => {
  assert.deepEqual(legs(ask({ to: '+4930400' }))[0], 'trunk world +4940888');
});

test('a domain that is disabled has nothing', () => {
  assert.deepEqual(legs(ask({ to: '1001', domain: 'off.example' })), ['404']);
});

test('a document carries the correlation id on every route, unless the request has it', () => {
  const decision = ask({ to: '+4930100', src: '192.0.2.50:5060' });
  const document = callDocument(decision, {
    correlationHeader: 'X-Id',
    correlationId: 'i1',
    isCorrelated: false,
  });
  assert(document.result === 'route');
  for (const { headers } of document.routes) assert.match(headers?.extra ?? '', /^X-Id: i1\r\n/);
  assert.match(
    document.routes[0]?.headers?.extra ?? '',
    /\r\nX-Switchfleet-Trunk: world\r\nX-Switchfleet-Did: \+4930100\r\n/,
  );
  assert.equal(document.trunk, 'world');
});

test('no header of an answer ends its line early, whatever a carrier’s row holds', () => {
  const hostile = [
    { key: 'world', headers: { 'X-A': 'a\r\nX-Evil: 1', 'X B': 'x', 'X-C:': 'x', 'X-Good': 'y' } },
  ];
  const decision = ask({ to: '+40123456', domain: 'a.example' }, { ...ROWS, trunks: hostile });
  const document = callDocument(decision, {
    correlationHeader: 'X-Id',
    correlationId: 'i',
    isCorrelated: true,
  });
  assert.equal(document.result === 'route' && document.routes[0]?.headers?.extra, 'X-Good: y\r\n');
});

test('no answer ever crosses tenants', () => {
  const to = fc.constantFrom(
    '1001',
    '1002',
    '3000',
    '*97',
    '+4930100',
    '+4930200',
    '+4930300',
    '+40123456',
    '110',
  );
  const domain = fc.constantFrom(
    'a.example',
    'b.example',
    'A.EXAMPLE',
    'off.example',
    '192.0.2.1',
    undefined,
  );
  const from = fc.constantFrom('sip:1001@a.example', 'sip:1001@b.example', '+4930100', '');
  const src = fc.constantFrom(NOBODY, '192.0.2.50:5060', '192.0.2.52:5060', '192.0.2.52');
  const property = fc.property(fc.record({ to, domain, from, src }), (question) => {
    const decision = ask(question);
    if (decision.result === 'reject') return;
    const asked = question.domain?.toLowerCase().charAt(0);
    const tenant = asked === 'a' ? 'one' : asked === 'b' ? 'two' : undefined;
    const own = question.src.startsWith('192.0.2.52') ? 'two' : tenant;
    if (tenant !== undefined) assert.equal(decision.tenant, tenant);
    if (own !== undefined) assert.equal(decision.tenant, own);
    for (const leg of decision.legs) {
      if (leg.kind === 'trunk' && leg.choice.trunk === 'theirs') assert.equal(decision.tenant, 'two');
      if (leg.kind === 'node') assert.equal(leg.host, decision.tenant === 'one' ? 'a.example' : 'b.example');
    }
  });
  fc.assert(property, { numRuns: 1_000 });
});

test('whatever is dialled, a node gets a URI that SIP allows, and the same user in it', () => {
  const options = { correlationHeader: 'X-Id', correlationId: 'i', isCorrelated: true };
  const dialled = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'\0\r\n "%<>@;:?#é') }),
  );
  fc.assert(
    fc.property(dialled, (user) => {
      const document = callDocument(
        ask({ to: `sip:*${encodeURIComponent(user.toWellFormed())}@a.example`, domain: 'a.example' }),
        options,
      );
      assert(document.result === 'route');
      const [, sent = ''] =
        /^sip:((?:[A-Za-z0-9_.!~*'()&=+$,-]|%[0-9A-F]{2})+)@a\.example$/.exec(
          document.routes[0]?.uri ?? '',
        ) ?? [];
      assert.equal(decodeURIComponent(sent), `*${user.toWellFormed()}`);
    }),
  );
  const broken = callDocument(ask({ to: '*\ud800', domain: 'a.example' }), options);
  assert.equal(broken.result === 'route' && broken.routes[0]?.uri, 'sip:*%EF%BF%BD@a.example');
});
