import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeLoad } from '../../../libs/records/node-load.ts';
import type { TrunkAnswer } from '../../../libs/routing/answer.ts';
import { decideTrunk } from '../../../libs/routing/decide-trunk.ts';
import fc from '../../support/properties.ts';
import { type LabRows, loadOf, NOON_US, stateOf } from '../../support/routing/lab-fleet.ts';

const DOMAINS = [
  { domain: 'a.example', tenant: 'one' },
  { domain: 'b.example', tenant: 'two' },
];

interface Asked {
  number?: string;
  domain?: string;
  caller?: string;
  attempted?: string[];
  callId?: string;
  loads?: NodeLoad[];
}

function ask(rows: LabRows, asked: Asked = {}): TrunkAnswer {
  const {
    number = '+493012345',
    domain = 'a.example',
    caller,
    attempted = [],
    callId = 'call',
    loads,
  } = asked;
  const state = stateOf({ domains: DOMAINS, ...rows }, loads);
  return decideTrunk(state, { number, domain, caller, attempted: new Set(attempted), callId });
}

function names(answer: TrunkAnswer): string[] {
  return answer.result === 'route' ? answer.trunks.map(({ trunk }) => trunk) : [];
}

function reasons(answer: TrunkAnswer): Record<string, string> {
  return Object.fromEntries(answer.left_out.map(({ name, reason }) => [name, reason]));
}

const TWO = { trunks: [{ key: 'first' }, { key: 'second' }] };

test('the longest prefix comes first, whatever its priority', () => {
  const trunk_routing = [
    { key: '49', trunk: 'first', priority: 9 },
    { key: '4930', trunk: 'second', priority: 1 },
  ];
  assert.deepEqual(names(ask({ ...TWO, trunk_routing })), ['second', 'first']);
  assert.deepEqual(names(ask({ ...TWO, trunk_routing }, { number: '+498912345' })), ['first']);
});

test('the higher priority comes first, also before a heavier weight', () => {
  const trunk_routing = [
    { key: '49', trunk: 'first', priority: 1, weight: 1000 },
    { key: '49', trunk: 'second', priority: 2, weight: 1 },
  ];
  assert.deepEqual(names(ask({ ...TWO, trunk_routing })), ['second', 'first']);
});

test('numbers are read as the domain dials them', () => {
  const trunk_routing = [{ key: '4989', trunk: 'first' }];
  for (const number of ['089123456', '004989123456', '+49 89 123456', '4989123456']) {
    const answer = ask({ ...TWO, trunk_routing }, { number });
    assert.equal(answer.number, '+4989123456', number);
    assert.deepEqual(names(answer), ['first'], number);
  }
});

test('strip and prepend make the number that the carrier gets', () => {
  const cases: [strip: number, prepend: string, sent: string][] = [
    [0, '', '+493012345'],
    [2, '', '3012345'],
    [2, '0', '03012345'],
    [0, '00', '00493012345'],
    [0, '+', '+493012345'],
    [0, '99#', '99#493012345'],
  ];
  for (const [strip, prepend, sent] of cases) {
    const answer = ask({ ...TWO, trunk_routing: [{ key: '49', trunk: 'first', strip, prepend }] });
    assert(answer.result === 'route');
    assert.equal(answer.trunks[0]?.number, sent);
    assert.equal(answer.trunks[0]?.uri, `sip:${sent.replaceAll('#', '%23')}@192.0.2.50:5060`);
  }
});

test('trunks that cannot take the call are left out, and it is said why', () => {
  const trunks = [
    { key: 'full', max_channels: 10 },
    { key: 'off', enabled: false },
    { key: 'tried' },
    { key: 'theirs', tenant: 'two' },
    { key: 'closed' },
    { key: 'callers' },
    { key: 'good', max_channels: 11 },
  ];
  const trunk_routing = trunks.map(({ key }) => ({ key: '49', trunk: key }));
  const special: Record<string, object> = {
    closed: { windows: [{ days: ['sun'] }] },
    callers: { caller_prefix: '44' },
  };
  const answer = ask(
    { trunks, trunk_routing: trunk_routing.map((row) => ({ ...row, ...special[row.trunk] })) },
    {
      attempted: ['tried'],
      caller: '+4930999',
      loads: [
        loadOf('fs01', { trunks: { full: 6, good: 4 } }),
        loadOf('fs02', { trunks: { full: 4, good: 6 } }),
      ],
    },
  );
  assert.deepEqual(names(answer), ['good']);
  assert.deepEqual(reasons(answer), {
    full: 'full',
    off: 'disabled',
    tried: 'attempted',
    theirs: 'other-tenant',
    closed: 'closed',
    callers: 'other-caller',
  });
});

test('a way that is closed for now is 503, no way at all is 404', () => {
  const busy = ask({
    trunks: [{ key: 'first', max_channels: 0 }],
    trunk_routing: [{ key: '49', trunk: 'first' }],
  });
  assert.equal(busy.result === 'reject' && busy.code, 503);
  const none = ask({ ...TWO, trunk_routing: [{ key: '44', trunk: 'first' }] });
  assert.equal(none.result === 'reject' && none.code, 404);
});

test('calls a second are counted from our own answers', () => {
  const state = stateOf({
    domains: DOMAINS,
    trunks: [{ key: 'first', max_cps: 2 }],
    trunk_routing: [{ key: '49', trunk: 'first' }],
  });
  const question = {
    number: '+493012345',
    domain: 'a.example',
    caller: undefined,
    attempted: new Set<string>(),
    callId: undefined,
  };
  for (let call = 0; call < 2; call += 1) {
    assert.equal(decideTrunk(state, question).result, 'route');
    state.load.assign({ callId: undefined, trunk: 'first' }, NOON_US);
  }
  assert.deepEqual(reasons(decideTrunk(state, question)), { first: 'over-cps' });
  assert.equal(decideTrunk({ ...state, nowUs: NOON_US + 1_100_000 }, question).result, 'route');
});

test('a call to an emergency number ignores limits, and only such a trunk takes it', () => {
  const rows = {
    trunks: [{ key: 'help', is_emergency: true, max_channels: 0, max_cps: 0 }, { key: 'world' }],
    trunk_routing: [
      { key: '112', trunk: 'help' },
      { key: '', trunk: 'world' },
    ],
  };
  const answer = ask(rows, { number: '112' });
  assert.deepEqual(names(answer), ['help']);
  assert.equal(answer.result === 'route' && answer.trunks[0]?.number, '112');
});

test('a number that begins like an emergency number is none', () => {
  const rows = {
    domains: [
      ...DOMAINS,
      { domain: 'us.example', tenant: 'one', country: 'US', international_prefix: '011' },
    ],
    trunks: [{ key: 'help', is_emergency: true }, { key: 'world' }],
    trunk_routing: [
      ...['15', '112', '911'].map((key) => ({ key, trunk: 'help' })),
      ...['', '1', '91'].map((key) => ({ key, trunk: 'world' })),
      { key: '447', trunk: 'help' },
    ],
  };
  for (const number of ['15', '112', '911']) assert.deepEqual(names(ask(rows, { number })), ['help'], number);
  for (const number of ['+911123456789', '011911123456789', '+15125550123', '+1125551234']) {
    assert.deepEqual(names(ask(rows, { number, domain: 'us.example' })), ['world'], number);
  }
  const mobile = names(ask(rows, { number: '+447700900123' }));
  assert.deepEqual(mobile, ['help', 'world'], 'such a trunk may take other calls by routes of their own');
});

test('a trunk that registers on a node goes by that node', () => {
  const rows = {
    nodes: [{ key: 'fs01', sip_uri: 'sip:192.0.2.11:5060' }],
    trunks: [
      { key: 'first', registers_on: 'fs01' },
      { key: 'second', registers_on: 'fs02' },
    ],
    trunk_routing: [
      { key: '49', trunk: 'first' },
      { key: '49', trunk: 'second' },
    ],
  };
  const answer = ask(rows);
  assert(answer.result === 'route');
  assert.equal(answer.trunks[0]?.dst_uri, 'sip:192.0.2.11:5060');
  assert.deepEqual(reasons(answer), { second: 'registrar-unavailable' });
});

test('a trunk whose node fell silent is asked last, unless all of them are silent', () => {
  const rows = {
    nodes: [{ key: 'fs01' }, { key: 'fs02' }],
    trunks: [
      { key: 'first', registers_on: 'fs01' },
      { key: 'second', registers_on: 'fs02' },
      { key: 'third' },
    ],
    trunk_routing: ['first', 'second', 'third'].map((trunk, index) => ({
      key: '49',
      trunk,
      priority: -index,
    })),
  };
  const order = (...heardUs: number[]) => {
    const loads = heardUs.map((heartbeat_us, index) => loadOf(`fs0${index + 1}`, { heartbeat_us }));
    return names(ask(rows, { loads }));
  };
  const long = NOON_US - 60_000_000;
  assert.deepEqual(order(NOON_US, NOON_US), ['first', 'second', 'third']);
  assert.deepEqual(order(long, NOON_US), ['second', 'third', 'first']);
  assert.deepEqual(order(long, long), ['first', 'second', 'third']);
});

test('the same call gets the same order again', () => {
  const trunk_routing = ['first', 'second'].map((trunk) => ({ key: '49', trunk, weight: 50 }));
  const order = names(ask({ ...TWO, trunk_routing }, { callId: 'x@1' }));
  assert.deepEqual(names(ask({ ...TWO, trunk_routing }, { callId: 'x@1' })), order);
});

test('10,000 calls fall to trunks in proportion to their weights, also when any of them is out', () => {
  const weights: Record<string, number> = { a: 50, b: 30, c: 15, d: 5, e: 0 };
  const trunks = Object.keys(weights).map((key) => ({ key }));
  const trunk_routing = trunks.map(({ key }) => ({ key: '49', trunk: key, weight: weights[key] }));
  const state = stateOf({ domains: DOMAINS, trunks, trunk_routing });
  for (const out of [undefined, 'a', 'b', 'c', 'd', 'e']) {
    const shares = countFirsts(state, out);
    const left = Object.entries(weights).filter(([name]) => name !== out);
    const sum = left.reduce((total, [, weight]) => total + weight, 0);
    for (const [name, weight] of left) {
      const difference = Math.abs((shares[name] ?? 0) / 100 - (weight / sum) * 100);
      assert.ok(difference < 2, `without ${out}, ${name} is ${difference} points off`);
    }
  }
});

function countFirsts(state: ReturnType<typeof stateOf>, out: string | undefined): Record<string, number> {
  const counts: Record<string, number> = {};
  const attempted = new Set(out === undefined ? [] : [out]);
  for (let call = 0; call < 10_000; call += 1) {
    const question = {
      number: '+493012345',
      domain: 'a.example',
      caller: undefined,
      attempted,
      callId: `${call}@phone`,
    };
    const [first = ''] = names(decideTrunk(state, question));
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
}

test('no order ever holds a trunk or a route of another tenant', () => {
  const tenant = fc.constantFrom('one', 'two', null);
  const domain = fc.constantFrom('a.example', 'b.example', null);
  const routes = fc.array(
    fc.record({ owner: tenant, domain, prefix: fc.constantFrom('', '4', '49', '493') }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(routes, fc.constantFrom('a.example', 'b.example'), (list, asking) => {
      const trunks = list.map(({ owner }, index) => ({ key: `t${index}`, tenant: owner }));
      const trunk_routing = list.map((row, index) => ({
        domain: row.domain,
        key: row.prefix,
        trunk: `t${index}`,
      }));
      const allowed = asking === 'a.example' ? 'one' : 'two';
      for (const name of names(ask({ trunks, trunk_routing }, { domain: asking }))) {
        const row = list[Number(name.slice(1))];
        assert.ok(row?.owner === null || row?.owner === allowed);
        assert.ok(row?.domain === null || row?.domain === asking);
      }
    }),
  );
});
