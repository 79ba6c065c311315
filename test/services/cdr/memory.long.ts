import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../../support/child-process.ts';
import { freePort } from '../../support/stack/free-port.ts';
import { skipWithoutKafka, testBrokers } from '../../support/stack/test-brokers.ts';

const skip = await skipWithoutKafka();
const MINUTES = 5;
const RATE = 150;
const SAMPLE_MS = 5_000;
const SAMPLES_A_MINUTE = 60_000 / SAMPLE_MS;
const LIMIT_MB = 300;
/** A busy machine takes fewer than asked for; with less than this nothing would be proved. */
const LEAST_POSTS = 5_000;
/** The garbage collector lets the heap breathe; a leak of one record in a hundred would be more than this. */
const GROWTH = 1.1;

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

test('service cdr holds its memory flat through five minutes of load', {
  skip,
  timeout: 600_000,
}, async (t) => {
  const port = await freePort();
  const cdr = startChild({
    entry: 'services/cdr/main.ts',
    environment: {
      KAFKA_BROKERS: (await testBrokers()).join(','),
      KAFKA_NAMESPACE: `memory-${process.pid}`,
      FREESWITCH_PASSWORD: 'secret',
      CDR_PORT: String(port),
    },
  });
  t.after(async () => void (await cdr.stop('SIGTERM', 40_000)));
  await cdr.printed(/cdr works/, 60_000);
  const order = {
    port,
    authorization: `Basic ${Buffer.from('freeswitch:secret').toString('base64')}`,
    kind: 'xml',
    first: 1,
    posts: MINUTES * 60 * RATE,
    seconds: MINUTES * 60,
    parallel: 64,
    rate: RATE,
  };
  const client = startChild({ entry: 'bench/cdr/client-process.ts', args: [JSON.stringify(order)] });
  const ended = client.ended(MINUTES * 60_000 + 120_000);
  const samples: number[] = [];
  while (samples.length < MINUTES * SAMPLES_A_MINUTE) {
    await sleep(SAMPLE_MS);
    samples.push(residentMb(cdr.pid));
  }
  assert.equal(await ended, 0);
  const { refused, accepted } = JSON.parse(client.output());
  // On a busy machine some are told to come again: that is no matter of memory.
  t.diagnostic(`${accepted} CDRs accepted, ${refused} refused`);
  assert.ok(accepted >= LEAST_POSTS, `${accepted} CDRs`);
  const second = median(samples.slice(SAMPLES_A_MINUTE, 2 * SAMPLES_A_MINUTE));
  const last = median(samples.slice(-SAMPLES_A_MINUTE));
  t.diagnostic(`second minute ${second.toFixed(0)} MB, last minute ${last.toFixed(0)} MB`);
  assert.ok(last <= second * GROWTH, `grew from ${second} to ${last} MB`);
  assert.ok(Math.max(...samples) <= LIMIT_MB, `${Math.max(...samples)} MB`);
});
