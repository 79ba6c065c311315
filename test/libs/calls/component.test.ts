import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callIdOf, startOfCallId } from '../../../libs/calls/call-id.ts';
import { type CorrelatedLeg, callsOfLegs, MAX_CALL_LEGS } from '../../../libs/calls/component.ts';
import { correlationKeys } from '../../../libs/calls/correlation-keys.ts';

const START = 1_795_000_000_000_000;
const SECOND = 1_000_000;

interface Given {
  direction?: 'inbound' | 'outbound';
  partners?: string[];
  sip_call_id?: string;
  correlation_id?: string;
  peer_ip?: string;
  seconds?: number;
  /** when it was heard of last */
  untilSeconds?: number;
  end_us?: number;
  ended_by?: 'cdr';
  core_uuid?: string;
  is_interrupted?: boolean;
}

function leg(uuid: string, given: Given = {}): CorrelatedLeg {
  const start_us = START + (given.seconds ?? 0) * SECOND;
  const keys = correlationKeys(
    {
      uuid,
      start_us,
      end_us: given.end_us ?? null,
      ended_by: given.ended_by ?? null,
      last_event_us: START + (given.untilSeconds ?? given.seconds ?? 0) * SECOND,
      direction: given.direction ?? 'inbound',
      partners: given.partners ?? [],
      sip_call_id: given.sip_call_id ?? null,
      peer_ip: given.peer_ip ?? null,
      correlation_id: given.correlation_id ?? null,
    },
    { isKnownPeer: (ip) => ip === 'proxy' },
  );
  const { core_uuid = 'core', is_interrupted = false } = given;
  return { uuid, start_us, core_uuid, is_interrupted, ...keys };
}

function calls(...legs: CorrelatedLeg[]): string[] {
  const made = [legs, legs.toReversed()].map((order) =>
    callsOfLegs(order).map((call) => call.map(({ uuid }) => uuid).join(' ')),
  );
  assert.deepEqual(made[0], made[1], 'the order of legs decided');
  return made[0] ?? [];
}

describe('legs are of one call', () => {
  it('when one names the other, or both name a third that is never seen', () => {
    assert.deepEqual(calls(leg('a'), leg('b', { partners: ['a'] }), leg('c')), ['a b', 'c']);
    assert.deepEqual(calls(leg('a', { partners: ['x'] }), leg('b', { partners: ['x'] })), ['a b']);
  });

  it('when one that has lived into another month is transferred to the other', () => {
    const days = (count: number) => count * 86_400;
    const later = leg('later', { partners: ['long'], seconds: days(19) });
    assert.deepEqual(calls(leg('long', { untilSeconds: days(19) + 1 }), later), ['long later']);
    const ended = { end_us: START + days(19) * SECOND, ended_by: 'cdr' } as const;
    assert.deepEqual(calls(leg('long', ended), later), ['long later'], 'as its CDR tells');
    assert.deepEqual(calls(leg('long', { untilSeconds: days(2) }), later), ['long', 'later']);
    // a clock that was not set
    const years = leg('long', { untilSeconds: days(20_000) });
    assert.equal(years.keys.length, 3);
  });

  it('when an outbound and an inbound one share a Call-ID within 180 s: a fork has several ends', () => {
    const out = leg('out', { direction: 'outbound', sip_call_id: 'id' });
    const end = (name: string, seconds: number) => leg(name, { sip_call_id: 'id', seconds });
    assert.deepEqual(calls(out, end('in1', 1), end('in2', 180), end('late', 181)), ['out in1 in2', 'late']);
  });

  it('never when a uuid, which may be a caller’s Call-ID, is used again; who names it means the one of its own time', () => {
    const [first, again] = [leg('id@phone'), leg('id@phone', { seconds: 60 })];
    const out = (name: string, seconds: number) => leg(name, { partners: ['id@phone'], seconds });
    assert.deepEqual(calls(first, out('b', 1), again, out('c', 59), out('d', 3_600)), [
      'id@phone b',
      'c id@phone d',
    ]);
    const elsewhere = leg('id@phone', { core_uuid: 'another', seconds: 1 });
    assert.deepEqual(calls(first, elsewhere), ['id@phone', 'id@phone']);
  });

  it('at most 64 of them also where all have one uuid, and a proxy that gives all one header', () => {
    const again = Array.from({ length: 66 }, (_, at) =>
      leg('id@phone', { correlation_id: 'same', peer_ip: 'proxy', seconds: at * 60 }),
    );
    assert.equal(calls(...again).length, 66);
    const bridged = leg('b', { partners: ['id@phone'] });
    assert.equal(calls(...again, bridged).length, 67);
  });

  it('when a channel is recovered after its server died, and when another system knows its start to the second', () => {
    const lost = leg('a', { is_interrupted: true });
    const recovered = leg('a', { core_uuid: 'another', seconds: 1_800 });
    assert.deepEqual(calls(lost, leg('b', { partners: ['a'] }), recovered), ['a b a']);
    assert.deepEqual(calls(leg('a'), leg('a', { seconds: 2 })), ['a a']);
  });

  it('never when two inbound or two outbound ones share a Call-ID', () => {
    const same = { sip_call_id: 'same' } as const;
    assert.deepEqual(calls(leg('a', same), leg('b', same)), ['a', 'b']);
    const out = { ...same, direction: 'outbound' } as const;
    assert.deepEqual(calls(leg('a', out), leg('b', out)), ['a', 'b']);
  });

  it('by a correlation header only where it came from a proxy or node of ours, and never on an outbound leg', () => {
    const header = { correlation_id: 'h' };
    const trusted = { ...header, peer_ip: 'proxy' };
    assert.deepEqual(calls(leg('a', trusted), leg('b', trusted)), ['a b']);
    assert.deepEqual(calls(leg('a', trusted), leg('phone', { ...header, peer_ip: 'phone' })), ['a', 'phone']);
    assert.deepEqual(calls(leg('a', trusted), leg('out', { ...trusted, direction: 'outbound' })), [
      'a',
      'out',
    ]);
  });
});

describe('a component that is too large', () => {
  const caller = (n: number) => {
    const name = `caller-${String(n).padStart(3, '0')}`;
    return [
      leg(name, { seconds: n, partners: [`${name}-b`, 'agent'] }),
      leg(`${name}-b`, { seconds: n, partners: [name] }),
    ];
  };

  it('loses the leg with most partners, and falls into the calls it had swallowed', () => {
    const callers = Array.from({ length: 40 }, (_, n) => caller(n)).flat();
    const made = callsOfLegs([...callers, leg('agent')]);
    assert.equal(made.length, 41);
    assert.ok(made.some((call) => call.length === 1 && call[0]?.uuid === 'agent'));
    assert.equal(made.filter((call) => call.length === 2).length, 40);
  });

  it('is left whole up to the limit', () => {
    const legs = Array.from({ length: MAX_CALL_LEGS }, (_, n) => leg(`leg-${n}`, { partners: ['hub'] }));
    assert.equal(callsOfLegs(legs).length, 1);
    assert.ok(
      callsOfLegs([...legs, leg('one-more', { partners: ['hub'] })]).every(
        ({ length }) => length <= MAX_CALL_LEGS,
      ),
    );
  });
});

describe('a call id', () => {
  it('is a UUID of version 8 that sorts by start and tells it', () => {
    const ids = [0, 1, 999_999, 86_400_000_000].map((later) =>
      callIdOf({ uuid: 'a', start_us: START + later }),
    );
    assert.deepEqual(ids.toSorted(), ids);
    assert.equal(startOfCallId(ids[1] ?? ''), START + 1);
    assert.match(ids[0] ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.notEqual(callIdOf({ uuid: 'b', start_us: START }), ids[0]);
    assert.equal(startOfCallId('6f0e9a5e-7f2c-4e0b-9d2c-000000000000'), undefined);
  });
});
