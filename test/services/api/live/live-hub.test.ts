import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { type LiveEvent, LiveHub } from '../../../../services/api/live/live-hub.ts';

const ABOUT = {
  call_id: 'a',
  tenant: 'alpha',
  domain: null,
  caller: '1001',
  callee: '2000',
  nodes: ['fs01'],
};

/** What a hub tells of a record. */
function told(value: unknown, hub = new LiveHub()): { events: LiveEvent[]; unreadable: number } {
  const events: LiveEvent[] = [];
  hub.listen((event) => events.push(event));
  hub.take([{ topic: TOPICS.live, key: 'a', value, partition: 0, offset: '0', publishedUs: 0 }]);
  return { events, unreadable: hub.unreadable };
}

test('a call that did several things at once is told of them one after the other, each with its own time', () => {
  const before = [
    { kind: 'call-started', at_us: 1 },
    { kind: 'call-answered', at_us: 2 },
  ];
  const hub = new LiveHub();
  const { events } = told({ v: 1, kind: 'call-ended', at_us: 3, before, ...ABOUT }, hub);
  assert.deepEqual(
    events.map(({ name, owner, data }) => ({ name, owner, data: JSON.parse(data) })),
    ['call-started', 'call-answered', 'call-ended'].map((name, at) => ({
      name,
      owner: { tenant: 'alpha' },
      data: { at_us: at + 1, ...ABOUT },
    })),
  );
  const [first, ...rest] = events;
  assert.deepEqual(hub.since(first?.id ?? ''), rest, 'whoever heard the first one goes on behind it');
});

test('what is no record of ours is counted and not told', () => {
  const before = [{ kind: 'node-state', at_us: 1 }];
  assert.deepEqual(told({ v: 1, kind: 'call-ended', at_us: 3, before, ...ABOUT }), {
    events: [],
    unreadable: 1,
  });
});
