import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeLoad } from '../../../libs/records/node-load.ts';
import type { NodeAnswer } from '../../../libs/routing/answer.ts';
import { decideNode } from '../../../libs/routing/decide-node.ts';
import type { NodeQuestion } from '../../../libs/routing/node-question.ts';
import type { RoutingState } from '../../../libs/routing/routing-state.ts';
import fc from '../../support/properties.ts';
import { type LabRows, loadOf, NOON_US, stateOf } from '../../support/routing/lab-fleet.ts';

const NODES = ['fs01', 'fs02', 'fs03'];
const SECOND_US = 1_000_000;

function fleet(changes: Record<string, object> = {}): LabRows {
  return {
    domains: [{ domain: 'a.example' }],
    nodes: NODES.map((key, index) => ({ key, sip_uri: `sip:192.0.2.1${index}:5060`, ...changes[key] })),
    dispatch_members: NODES.map((node) => ({ key: '1', node })),
  };
}

const ASK: NodeQuestion = { domain: undefined, callId: 'call', src: undefined, attempted: new Set() };

function ask(state: RoutingState, question: Partial<NodeQuestion> = {}): NodeAnswer {
  return decideNode(state, { ...ASK, ...question });
}

function names(answer: NodeAnswer): string[] {
  return answer.result === 'route' ? answer.nodes.map(({ node }) => node) : [];
}

function reasons(answer: NodeAnswer): Record<string, string> {
  return Object.fromEntries(answer.left_out.map(({ name, reason }) => [name, reason]));
}

const sessions = (...counts: number[]): NodeLoad[] =>
  counts.map((count, index) => loadOf(NODES[index] ?? '', { sessions: count }));

test('the least loaded node takes the call, the others follow', () => {
  assert.deepEqual(names(ask(stateOf(fleet(), sessions(30, 10, 20)))), ['fs02', 'fs03', 'fs01']);
});

test('priority comes before load, load counts against capacity', () => {
  const rows = fleet({ fs01: { max_sessions: 1000 } });
  const loads = [loadOf('fs01', { sessions: 300, max_sessions: 1000 }), ...sessions(0, 40, 50).slice(1)];
  assert.equal(names(ask(stateOf(rows, loads)))[0], 'fs01');
  const members = NODES.map((node) => ({ key: '1', node, priority: node === 'fs03' ? 1 : 0 }));
  assert.equal(names(ask(stateOf({ ...rows, dispatch_members: members }, loads)))[0], 'fs03');
});

test('nodes that may not take the call are left out, and it is said why', () => {
  const cases: [change: object, load: Partial<NodeLoad>, reason: string][] = [
    [{ state: 'draining' }, {}, 'draining'],
    [{ state: 'disabled' }, {}, 'disabled'],
    [{ sip_uri: null }, {}, 'no-sip-uri'],
    [{ max_sessions: 5 }, { sessions: 5 }, 'full'],
    [{}, { sessions: 100 }, 'full'],
    [{}, { max_sessions: 0 }, 'full'],
    [{}, { heartbeat_us: NOON_US - 60 * SECOND_US }, 'stale'],
    [{}, { idle_cpu: 0 }, 'no-cpu'],
  ];
  for (const [change, load, reason] of cases) {
    const loads = [loadOf('fs01', load), ...sessions(0, 90, 90).slice(1)];
    const answer = ask(stateOf(fleet({ fs01: change }), loads));
    assert.deepEqual(reasons(answer), { fs01: reason });
    assert.equal(names(answer).length, 2);
  }
});

test('a node that was never heard is stale, but not before a heartbeat could have come', () => {
  const loads = sessions(0, 0);
  assert.deepEqual(reasons(ask(stateOf(fleet(), loads))), { fs03: 'stale' });
  const state = stateOf(fleet(), loads);
  state.load.resume(NOON_US);
  assert.deepEqual(reasons(ask(state)), {});
});

test('when nobody was heard for long, the last load decides and the answer is degraded', () => {
  const state = stateOf(fleet({ fs02: { state: 'draining' } }), sessions(30, 0, 20));
  const later = { ...state, nowUs: NOON_US + 600 * SECOND_US };
  const answer = ask(later);
  assert.deepEqual(names(answer), ['fs03', 'fs01']);
  assert.equal(answer.degraded, true);
  assert.deepEqual(reasons(answer), { fs02: 'draining' });
});

test('silence of all does not push the calls to whoever was heard last', () => {
  const state = stateOf(fleet(), [
    loadOf('fs01', { sessions: 50 }),
    loadOf('fs02', { heartbeat_us: NOON_US - 19 * SECOND_US }),
    loadOf('fs03', { heartbeat_us: NOON_US - 10 * SECOND_US }),
  ]);
  for (const seconds of [0, 20, 30, 40, 60, 600]) {
    const answer = ask({ ...state, nowUs: NOON_US + seconds * SECOND_US });
    assert.deepEqual(answer.left_out, [], `after ${seconds} s`);
  }
});

test('own assignments count until the node shows them', () => {
  const state = stateOf(fleet(), sessions(10, 11, 12));
  const first: string[] = [];
  for (let call = 0; call < 6; call += 1) {
    const [node = ''] = names(ask(state, { callId: `${call}` }));
    first.push(node);
    state.load.assign({ callId: `${call}`, node }, NOON_US);
  }
  assert.deepEqual(first.toSorted(), ['fs01', 'fs01', 'fs01', 'fs02', 'fs02', 'fs03']);
  for (const load of sessions(13, 13, 13)) state.load.apply({ ...load, at_us: NOON_US + SECOND_US });
  const answer = ask({ ...state, nowUs: NOON_US + SECOND_US });
  assert(answer.result === 'route');
  assert.deepEqual(
    answer.nodes.map((node) => node.sessions),
    [13, 13, 13],
  );
});

test('a node gets no more calls a second than it takes', () => {
  const state = stateOf(fleet(), [
    loadOf('fs01', { max_sessions_per_second: 3 }),
    ...sessions(0, 50, 50).slice(1),
  ]);
  for (let call = 0; call < 3; call += 1) state.load.assign({ callId: `${call}`, node: 'fs01' }, NOON_US);
  assert.deepEqual(reasons(ask(state)), { fs01: 'over-cps' });
});

test('a call that is asked about again stays where it was, but not on a node that drains', () => {
  const rows = fleet();
  const state = stateOf(rows, sessions(30, 10, 20));
  state.load.assign({ callId: 'call', node: 'fs01' }, NOON_US);
  assert.equal(names(ask(state))[0], 'fs01');
  assert.equal(names(ask(state, { callId: 'other' }))[0], 'fs02');
  assert.equal(names(ask(state, { attempted: new Set(['fs01']) }))[0], 'fs02');
  const draining = { ...state, model: stateOf(fleet({ fs01: { state: 'draining' } })).model };
  assert.equal(names(ask(draining))[0], 'fs02');
});

test('a room in use stays on its node, even full or draining; nobody is sent elsewhere', () => {
  const pin = 'conference:3000@a.example';
  const used = [...sessions(0, 0), loadOf('fs03', { sessions: 90, pins: { [pin]: 2 } })];
  assert.deepEqual(names(ask(stateOf(fleet(), used), { pin })), ['fs03']);
  const draining = fleet({ fs03: { state: 'draining' } });
  assert.deepEqual(names(ask(stateOf(draining, used), { pin })), ['fs03']);
  const full = fleet({ fs03: { max_sessions: 90 } });
  const answer = ask(stateOf(full, used), { pin });
  assert.equal(answer.result, 'reject');
  assert.deepEqual(reasons(answer), { fs01: 'pinned-elsewhere', fs02: 'pinned-elsewhere', fs03: 'full' });
});

test('a room whose node has died opens on another one, and stays there', () => {
  const pin = 'conference:3000@a.example';
  const state = stateOf(fleet(), [loadOf('fs01', { pins: { [pin]: 2 } }), ...sessions(0, 10, 20).slice(1)]);
  state.load.assign({ callId: 'first', node: 'fs01', pin }, NOON_US);
  const later = { ...state, nowUs: NOON_US + 60 * SECOND_US };
  for (const load of sessions(0, 10, 20).slice(1)) {
    state.load.apply({ ...load, at_us: later.nowUs, heartbeat_us: later.nowUs });
  }
  const answer = ask(later, { pin });
  assert.deepEqual(reasons(answer), { fs01: 'stale' });
  const [next = ''] = names(answer);
  state.load.assign({ callId: 'second', node: next, pin }, later.nowUs);
  assert.deepEqual(names(ask(later, { pin, callId: 'third' })), [next]);
});

test('a user on two nodes is looked for where the last registration was; a call that was placed stays', () => {
  const state = stateOf(fleet(), sessions(0, 50, 60));
  const preferred = ['fs03', 'fs02'];
  assert.deepEqual(names(ask(state, { preferred })), ['fs03', 'fs02', 'fs01']);
  state.load.assign({ callId: 'call', node: 'fs02' }, NOON_US);
  assert.deepEqual(names(ask(state, { preferred })), ['fs02', 'fs03', 'fs01']);
});

test('two instances that know nothing of each other send a room to the same node', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.nat(90), { minLength: 3, maxLength: 3 }), (pin, counts) => {
      const here = ask(stateOf(fleet(), sessions(...counts)), { pin, callId: 'x' });
      const there = ask(stateOf(fleet(), sessions(0, 0, 0)), { pin, callId: 'y' });
      return names(here)[0] === names(there)[0];
    }),
  );
});

test('the caller’s region is preferred, then its fallbacks in their order', () => {
  const rows = {
    ...fleet({ fs01: { region: 'eu' }, fs02: { region: 'us' }, fs03: { region: 'asia' } }),
    caller_regions: [
      { key: '198.51.100.0/24', region: 'us' },
      { key: '198.51.100.128/25', region: 'asia' },
    ],
    region_fallbacks: [{ key: 'us', fallback: 'asia', position: 1 }],
  };
  const state = stateOf(rows, sessions(0, 50, 50));
  assert.deepEqual(names(ask(state, { src: '198.51.100.1:5060' })), ['fs02', 'fs03', 'fs01']);
  assert.equal(names(ask(state, { src: '198.51.100.200' }))[0], 'fs03');
  assert.equal(names(ask(state, { src: '203.0.113.1' }))[0], 'fs01');
});

test('sets: the one asked for, that of the kind of destination, the domain’s own, the default', () => {
  const rows: LabRows = {
    domains: [
      { domain: 'a.example' },
      { domain: 'set.example', dispatch_set: 2 },
      { domain: 'node.example', node: 'fs01', dispatch_set: 2 },
    ],
    nodes: NODES.map((key) => ({ key })),
    dispatch_members: [
      { key: '1', node: 'fs01' },
      { key: '2', node: 'fs02' },
      { key: '3', node: 'fs03' },
    ],
    dest_type_sets: [{ key: 'conference', set_id: 3 }],
  };
  const state = stateOf(rows, sessions(0, 0, 0));
  assert.deepEqual(names(ask(state, { set: 2 })), ['fs02']);
  assert.deepEqual(names(ask(state, { destType: 'conference', domain: 'set.example' })), ['fs03']);
  assert.deepEqual(names(ask(state, { domain: 'set.example' })), ['fs02']);
  assert.deepEqual(names(ask(state, { domain: 'node.example' })), ['fs01', 'fs02']);
  assert.deepEqual(names(ask(state, { domain: 'a.example' })), ['fs01']);
  const unknown = ask(state, { set: 9 });
  assert.equal(unknown.result === 'reject' && unknown.code, 404);
});

test('CPU alone never turns every call away', () => {
  const loads = NODES.map((node) => loadOf(node, { idle_cpu: 1 }));
  assert.equal(ask(stateOf(fleet(), loads)).result, 'route');
});
