import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExpectedCalls, loadExpected } from '../support/expected-calls.ts';
import { loadRecording, type Recording } from '../support/simulator/recording.ts';
import { expectedWhenNoticed } from './killed-node.ts';
import { listCalls } from './product.ts';
import { replay, replayClock, settledDifferences } from './replay.ts';
import { makeDataDirectory, startStandalone } from './standalone.ts';

test('run 02: kill -9 of fs02 interrupts its answered calls at the moment its socket closed, SIGTERM ends them', async (t) => {
  const { clock, environment } = replayClock();
  const product = await startStandalone(t, { dataDir: makeDataDirectory(t), environment });
  const fleet = await replay(t, { product, run: 'run-02', clock, ending: 'as-recorded' });
  const run = { fleet, node: 'fs02', expected: await loadExpected('run-02') };
  assert.deepEqual(await settledDifferences(product, await expectedWhenNoticed(product, run)), []);
  assert.equal(fleet.ledger.acceptedUuids().size, 4, 'fs02 posted no CDR, neither time');
});

test('run 02 without the restart: the calls of fs02 are interrupted when it is lost, at the moment its socket closed', async (t) => {
  const { clock, environment } = replayClock();
  const lost = { ...environment, NODE_LOST_MS: '20000' };
  const product = await startStandalone(t, { dataDir: makeDataDirectory(t), environment: lost });
  const fleet = await replay(t, { product, run: untilKilled(loadRecording('run-02')), clock });
  const run = { fleet, node: 'fs02', expected: killedCalls(await loadExpected('run-02')) };
  assert.equal(run.expected.calls.length, 2);
  assert.deepEqual(await settledDifferences(product, await expectedWhenNoticed(product, run)), []);
  const calls = await listCalls(product);
  assert.deepEqual([...new Set(calls.map(({ disposition }) => disposition))], ['interrupted']);
});

/** What the servers did up to the kill -9 of fs02, and what fs01 did about the calls of then. */
function untilKilled(recording: Recording): Recording {
  const killed = recording.items.find(({ kind, node }) => kind === 'core-end' && node === 'fs02');
  const later = recording.items.find(
    ({ kind, node, atUs }) => kind === 'core-start' && node === 'fs02' && atUs > (killed?.atUs ?? 0),
  );
  assert.ok(killed && later, 'fs02 is killed and starts again');
  const second = recording.items.find(
    (item) => item.kind === 'event' && item.name === 'CHANNEL_CREATE' && item.atUs > later.atUs,
  );
  assert.ok(second, 'calls come to the server that started again');
  const items = recording.items.filter(
    ({ node, atUs }) => atUs < second.atUs && (node !== 'fs02' || atUs <= killed.atUs),
  );
  return { ...recording, items };
}

function killedCalls(expected: ExpectedCalls): ExpectedCalls {
  return {
    ...expected,
    calls: expected.calls.filter(({ disposition }) => disposition === 'interrupted'),
  };
}
