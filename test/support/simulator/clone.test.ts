import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { identitiesOf } from './call-identities.ts';
import { EslProbe } from './esl-probe.ts';
import { Fleet, startFleet } from './fleet.ts';
import { HttpSink } from './http-sink.ts';
import { IdentityTable, UUID } from './identity.ts';
import { type RecordedCall, recordedCalls, textOf } from './recorded-call.ts';
import { loadRecording } from './recording.ts';

const recording = loadRecording('run-01');
const calls = recordedCalls(recording);

function labelled(label: string): RecordedCall {
  const call = calls.find(({ items }) =>
    items.some((item) => item.kind === 'event' && item.json.includes(`"${label}"`)),
  );
  assert.ok(call, label);
  return call;
}

function decoded(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

test('a recording is taken apart into its calls, over nodes', () => {
  assert.equal(calls.length, 28);
  assert.equal(calls.flatMap(({ legs }) => legs).length, 51);
  const far = labelled('cross-8122000-far-bye');
  assert.deepEqual([far.legs.length, far.nodes.toSorted()], [3, ['fs01', 'fs02']]);
  const labels = calls.map(({ items }) => {
    const found = items.flatMap((item) => [
      ...decoded(decoded(textOf(item))).matchAll(/X-Lab-Call(?:":"|>)([\w-]+)/g),
    ]);
    return new Set(found.map((match) => match[1]));
  });
  const several = labels.filter((set) => set.size > 1).map((set) => [...set].toSorted());
  assert.deepEqual(several, [['conf1', 'conf2']], 'only the conference holds two callers');
});

test('a clone has fresh uuids, Call-IDs, tags and branches, and the same references between them', () => {
  const call = labelled('cross-8122000-far-bye');
  const table = new IdentityTable(identitiesOf(call, recording));
  const kinds = new Set(table.entries.map(({ kind }) => kind));
  assert.deepEqual([...kinds].toSorted(), [
    'address',
    'branch',
    'call-id',
    'core',
    'switchname',
    'tag',
    'uuid',
  ]);
  const fresh = table.renew('seed', ({ recorded }) => recorded);
  const moving = table.entries.filter(({ kind }) => ['uuid', 'call-id', 'tag', 'branch'].includes(kind));
  assert.equal(new Set(fresh).size, fresh.length);
  for (const { recorded } of moving) assert.notEqual(fresh[table.placeOf(recorded)], recorded);
  assert.deepEqual(
    table.renew('seed', ({ recorded }) => recorded),
    fresh,
  );
  assert.notDeepEqual(
    table.renew('other', ({ recorded }) => recorded),
    fresh,
  );
});

/** A fleet that played some clones, and everything it sent, by node. */
async function played(
  t: TestContext,
  options: { nodes: number; calls: number; seed?: string; only?: string },
) {
  const sink = await HttpSink.open();
  const clock = createClock({ rate: 20 });
  const fleet = await startFleet({
    ...{ recording, clock, nodes: options.nodes, cores: 'fresh', seed: options.seed ?? 'seed' },
    cdr: { urls: [`${sink.origin}/cdr`] },
    jsonCdr: { urls: [`${sink.origin}/json-cdr`] },
  });
  t.after(async () => {
    await fleet.stop();
    sink.close();
  });
  const probes = await Promise.all(fleet.nodes.map((node) => EslProbe.open(node, 'event json ALL')));
  const wanted = options.only === undefined ? undefined : labelled(options.only);
  const startUs = clock.nowUs();
  const playing = fleet.load({
    ...{ cps: 10, seconds: options.calls / 10 },
    only: (call) => wanted === undefined || call.legs.join() === wanted.legs.join(),
  });
  await playing.finished;
  for (const [index, probe] of probes.entries()) {
    const { sent } = fleet.nodes[index]?.counts ?? { sent: 0 };
    await probe.until(({ frames }) => frames.length === sent);
  }
  const events = probes.map((probe) =>
    probe.events.map((event) => JSON.parse(event) as Record<string, string>),
  );
  return { fleet, sink, events, startUs, endUs: clock.nowUs(), playing };
}

test('clones of a call over two servers are played by pairs of three nodes, each with its own core and name', async (t) => {
  const { fleet, events, sink } = await played(t, { nodes: 3, calls: 6, only: 'cross-8122000-far-bye' });
  for (const [index, own] of events.entries()) {
    const node = fleet.nodes[index];
    assert.ok(node && own.length > 0);
    assert.deepEqual([...new Set(own.map((event) => event['Core-UUID']))], [node.core.uuid]);
    assert.deepEqual([...new Set(own.map((event) => event['FreeSWITCH-Switchname']))], [node.switchname]);
    const sequences = own.map((event) => Number(event['Event-Sequence']));
    assert.deepEqual(
      sequences,
      sequences.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(sequences).size, sequences.length);
  }
  const legs = events.flat().filter((event) => event['Event-Name'] === 'CHANNEL_CREATE');
  assert.equal(new Set(legs.map((event) => event['Unique-ID'])).size, 18);
  assert.equal(sink.received.length, 36);
  assert.equal(fleet.ledger.acceptedUuids().size, 18);
  assert.deepEqual(fleet.ledger.acceptedUuids(), new Set(legs.map((event) => event['Unique-ID'])));
});

test('in a clone the outbound leg of one node still carries the Call-ID of the inbound leg of the other', async (t) => {
  const { events } = await played(t, { nodes: 2, calls: 3, only: 'cross-8129196-caller-bye' });
  const done = events.flat().filter((event) => event['Event-Name'] === 'CHANNEL_HANGUP_COMPLETE');
  const byCallId = Map.groupBy(done, (event) => event['variable_sip_call_id'] ?? '');
  const pairs = [...byCallId.values()].filter(({ length }) => length === 2);
  assert.equal(byCallId.size, 6);
  assert.equal(pairs.length, 3);
  for (const [one, other] of pairs) {
    assert.notEqual(one?.['FreeSWITCH-Switchname'], other?.['FreeSWITCH-Switchname']);
    assert.deepEqual([one, other].map((event) => event?.['Call-Direction']).toSorted(), [
      'inbound',
      'outbound',
    ]);
    assert.equal(one?.['variable_sip_from_tag'], other?.['variable_sip_from_tag']);
  }
  for (const event of done.filter((leg) => leg['variable_originator'] !== undefined)) {
    assert.ok(done.some((leg) => leg['Unique-ID'] === event['variable_originator']));
  }
});

test('nothing of the recorded call is left in its clones, and their times are now', async (t) => {
  const { events, sink, startUs, endUs } = await played(t, { nodes: 2, calls: 28 });
  const recorded = new Set(
    calls.flatMap(({ items }) => items.flatMap((item) => textOf(item).match(UUID) ?? [])),
  );
  const texts = [
    ...events.flat().map((event) => JSON.stringify(event)),
    ...sink.received.map(({ url, body }) => url + body),
  ];
  for (const text of texts) {
    for (const uuid of text.match(UUID) ?? []) assert.ok(!recorded.has(uuid), uuid);
    assert.doesNotMatch(text, /2026-11-20(?: |%20|%2520)20(?::|%3A|%253A)5/);
    assert.doesNotMatch(text, /\d+SIPpTag\d+/);
  }
  for (const event of events.flat()) {
    const us = Number(event['Event-Date-Timestamp']);
    assert.ok(us >= startUs - 1_000_000 && us <= endUs);
  }
});

test('the shape of a clone is that of its original: the same events in the same order for each leg', async (t) => {
  const { events } = await played(t, { nodes: 2, calls: 28 });
  const shape = (leg: readonly { name: string }[]) => leg.map(({ name }) => name).join(' ');
  const recorded = calls.flatMap(({ items, legs }) =>
    legs.map((leg) =>
      shape(items.filter((item) => item.kind === 'event' && item.uuid === leg) as { name: string }[]),
    ),
  );
  const byLeg = Map.groupBy(
    events.flat().filter((event) => event['Unique-ID'] !== undefined),
    (event) => event['Unique-ID'] ?? '',
  );
  const made = [...byLeg.values()].map((leg) =>
    shape(leg.map((event) => ({ name: event['Event-Name'] ?? '' }))),
  );
  assert.deepEqual(made.toSorted(), recorded.toSorted());
});

test('a rehearsal writes what a load would send, in the order of its moments, and sends nothing', () => {
  const fleet = new Fleet({ recording, nodes: 2, cores: 'fresh', seed: 'seed' });
  const untilUs = Date.now() * 1000;
  const { events, posts, legs } = fleet.rehearse({ calls: calls.length, cps: 50, untilUs });
  assert.equal(legs, 51);
  assert.equal(posts.length, 51);
  const created = events.filter(({ event }) => event.name === 'CHANNEL_CREATE');
  assert.deepEqual(
    created.map(({ event }) => event.uuid).toSorted(),
    posts.map(({ uuid }) => uuid).toSorted(),
  );
  for (const { node, event } of events)
    assert.equal(event.headers['FreeSWITCH-Switchname'], node.switchname, event.name);
  for (const node of fleet.nodes) {
    const own = events.filter((sent) => sent.node === node).map(({ event }) => event.headers);
    const sequences = own.map((headers) => Number(headers['Event-Sequence']));
    assert.deepEqual(
      sequences,
      sequences.toSorted((a, b) => a - b),
    );
  }
  const starts = created.map(({ event }) => Number(event.headers['Event-Date-Timestamp']));
  const spanUs = (calls.length / 50) * 1_000_000;
  // times are shifted by whole seconds, and a call's first event is some milliseconds older than its beginning
  assert.ok(Math.min(...starts) >= untilUs - spanUs - 1_500_000, 'the first call begins when it should');
  assert.ok(fleet.nodes.every(({ isUp }) => !isUp));
});
