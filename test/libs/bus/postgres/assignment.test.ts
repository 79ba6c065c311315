import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GroupMember, type Holding, planShare } from '../../../../libs/bus/postgres/assignment.ts';
import fc from '../../../support/properties.ts';

interface State {
  members: GroupMember[];
  holdings: Holding[];
}

const TOPICS = ['a', 'b', 'c'];

function freshState(members: GroupMember[]): State {
  const holdings = TOPICS.flatMap((topic) =>
    Array.from({ length: 16 }, (_, partition) => ({ topic, partition, member_id: null, generation: '0' })),
  );
  return { members, holdings };
}

/** One member acts on its plan, as a round and a give-up do. */
function act({ members, holdings }: State, me: GroupMember): void {
  const isHeld = (holding: Holding) => holding.member_id === me.member_id;
  const plan = planShare(me, members, { holdings, isHeld });
  for (const holding of plan.acquire) {
    const owner = members.find((member) => member.member_id === holding.member_id);
    assert.ok(owner === undefined, 'nobody takes what a live member holds');
    holding.member_id = me.member_id;
  }
  for (const holding of plan.release) holding.member_id = null;
}

function settle(state: State): void {
  for (let round = 0; round < 2 * state.members.length + 2; round++) {
    for (const member of state.members) act(state, member);
  }
}

const memberships = fc
  .uniqueArray(fc.subarray(TOPICS, { minLength: 1 }), { minLength: 1, maxLength: 7, comparator: () => false })
  .map((all) => all.map((topics, i) => ({ member_id: `m${(i * 7919) % 101}`, topics })));

test('whoever joins or dies, every partition ends with one live member and shares differ by one (property)', () => {
  fc.assert(
    fc.property(memberships, fc.nat(6), (members, dead) => {
      const state = freshState(members);
      settle(state);
      if (members.length > 1) {
        state.members = members.filter((_, i) => i !== dead % members.length);
        settle(state);
      }
      for (const topic of TOPICS) {
        const readers = state.members.filter((member) => member.topics.includes(topic));
        if (readers.length === 0) continue;
        const counts = readers.map(
          ({ member_id }) =>
            state.holdings.filter((one) => one.topic === topic && one.member_id === member_id).length,
        );
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          16,
        );
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${topic}: ${counts}`);
      }
    }),
  );
});

test('a settled group moves nothing', () => {
  const members = ['x', 'y', 'z'].map((member_id) => ({ member_id, topics: TOPICS }));
  const state = freshState(members);
  settle(state);
  for (const me of members) {
    const isHeld = (holding: Holding) => holding.member_id === me.member_id;
    assert.deepEqual(planShare(me, members, { holdings: state.holdings, isHeld }), {
      acquire: [],
      release: [],
    });
  }
});

test('what is marked as ours but not known to be is taken again', () => {
  const me = { member_id: 'x', topics: ['a'] };
  const holdings = [{ topic: 'a', partition: 0, member_id: 'x', generation: '4' }];
  const plan = planShare(me, [me], { holdings, isHeld: () => false });
  assert.deepEqual(plan, { acquire: holdings, release: [] });
});
