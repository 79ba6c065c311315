import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Call } from '../../libs/records/call.ts';
import { compareCalls, type ExpectedCall, type ExpectedCalls, loadExpected } from './expected-calls.ts';

/** A call that is exactly what is expected; undecided fields are given values that must not matter. */
function callAsExpected(expected: ExpectedCall): Call {
  return {
    v: 1,
    id: `call-of-${expected.legs[0]}`,
    revision: 1,
    merged_into: null,
    state: 'finished',
    tenant: null,
    domain: null,
    direction: null,
    caller_id_name: null,
    caller: expected.caller ?? 'undecided',
    callee: expected.callee ?? 'undecided',
    did: null,
    trunk: null,
    nodes: expected.nodes,
    legs: expected.legs.toReversed(),
    start_us: 0,
    answer_us: null,
    end_us: null,
    duration: null,
    billsec: expected.billsec,
    pdd_ms: null,
    hangup_cause: expected.hangup_cause ?? 'UNDECIDED',
    hangup_by: expected.hangup_by,
    disposition: expected.disposition,
    answered_by: expected.answered_by === 'none' ? null : expected.answered_by,
    mos: null,
    recording_paths: [],
    transfers: (expected.transfers ?? []).map(({ kind, to }) => ({ at_us: 1, kind: kind ?? '', to })),
  };
}

function one(list: readonly ExpectedCall[], label: string): ExpectedCall {
  const found = list.find((call) => call.label === label);
  assert.ok(found, `no call labelled ${label}`);
  return found;
}

/** The differences of a run in which the one call of `label` was changed. */
async function differencesWith(label: string, change: Partial<Call>): Promise<string[]> {
  const expected = await loadExpected('run-01');
  const wanted = one(expected.calls, label);
  const actual = expected.calls.map((call) => ({
    ...callAsExpected(call),
    ...(call === wanted ? change : {}),
  }));
  return compareCalls(expected, actual);
}

describe('the expected calls', () => {
  const sums: [ExpectedCalls['run'], number, number][] = [
    ['run-01', 29, 51],
    ['run-02', 4, 8],
    ['run-05', 109, 240],
  ];
  for (const [run, calls, legs] of sums) {
    it(`of ${run} are ${calls} calls, and each of ${legs} legs is in one of them`, async () => {
      const expected = await loadExpected(run);
      const all = expected.calls.flatMap((call) => call.legs);
      assert.equal(expected.calls.length, calls);
      assert.equal(all.length, legs);
      assert.equal(new Set(all).size, legs);
    });

    it(`of ${run} differ from nothing but themselves`, async () => {
      const expected = await loadExpected(run);
      assert.deepEqual(compareCalls(expected, expected.calls.map(callAsExpected)), []);
      assert.equal(compareCalls(expected, []).length, calls);
    });
  }
});

describe('compareCalls', () => {
  const label = 'cross-8122000-far-bye';
  const changes: [string, Partial<Call>][] = [
    ['nodes', { nodes: ['fs02', 'fs01'] }],
    ['caller', { caller: '2000' }],
    ['callee', { callee: null }],
    ['disposition', { disposition: 'interrupted' }],
    ['hangup_cause', { hangup_cause: 'ORIGINATOR_CANCEL' }],
    ['hangup_by', { hangup_by: 'caller' }],
    ['billsec', { billsec: 4.6 }],
    ['answered_by', { answered_by: null }],
    ['transfers', { transfers: [{ at_us: null, kind: 'blind', to: '2000' }] }],
  ];
  for (const [field, change] of changes) {
    it(`tells when ${field} is wrong, and of nothing else`, async () => {
      const [difference, ...others] = await differencesWith(label, change);
      assert.ok(difference?.startsWith(`${label} (65eff4ce): ${field}: expected `), difference);
      assert.deepEqual(others, []);
    });
  }

  it('lets talk time differ by a second, and no more', async () => {
    assert.deepEqual(await differencesWith(label, { billsec: 4.5 }), []);
    assert.equal((await differencesWith(label, { billsec: 2.5 })).length, 1);
  });

  it('takes no talk time for none, and an answer for wrong where nobody answered', async () => {
    assert.deepEqual(await differencesWith('fail-404', { billsec: null }), []);
    assert.deepEqual(await differencesWith('fail-404', { answered_by: 'ivr' }), [
      'fail-404 (a8c5fafa): answered_by: expected none, got ivr',
    ]);
  });

  it('compares where a transfer went, and how', async () => {
    const to = (kind: string, number: string) => ({ transfers: [{ at_us: 1, kind, to: number }] });
    assert.deepEqual(await differencesWith('uuid-transfer', to('blind', '8129196')), []);
    assert.equal((await differencesWith('uuid-transfer', to('blind', '9664'))).length, 1);
    assert.equal((await differencesWith('uuid-transfer', to('attended', '8129196'))).length, 1);
    assert.equal((await differencesWith('uuid-transfer', { transfers: [] })).length, 1);
  });

  it('tells of a call that fell in two, with the legs of each part', async () => {
    const expected = await loadExpected('run-01');
    const whole = one(expected.calls, label);
    const rest = expected.calls.filter((call) => call !== whole).map(callAsExpected);
    const [first = '', ...others] = whole.legs;
    const parts = [
      { ...callAsExpected(whole), id: 'near', legs: [first] },
      { ...callAsExpected(whole), id: 'far', legs: others },
    ];
    const differences = compareCalls(expected, [...rest, ...parts]);
    assert.equal(differences.length, 3);
    assert.match(differences[0] ?? '', /^cross-8122000-far-bye \(65eff4ce\): missing: .*in near, .*in far/);
    assert.match(differences[1] ?? '', /^call near: extra: /);
    assert.match(differences[2] ?? '', /^call far: extra: .* of cross-8122000-far-bye/);
  });

  it('tells of a call too many and of a leg in two calls, but not of one merged into another', async () => {
    const expected = await loadExpected('run-01');
    const actual = expected.calls.map(callAsExpected);
    const again = { ...callAsExpected(one(expected.calls, 'fail-404')), id: 'again' };
    assert.deepEqual(compareCalls(expected, [...actual, { ...again, merged_into: 'other' }]), []);
    const differences = compareCalls(expected, [...actual, again]);
    assert.ok(differences.some((difference) => difference.includes('is in two places')));
    assert.ok(differences.some((difference) => difference.includes(': extra: ')));
  });
});
