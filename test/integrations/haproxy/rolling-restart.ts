import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '../../../libs/records/topics.ts';
import { openTestBus } from '../../libs/bus/test-bus.ts';
import { startCdrLoad } from '../../support/cdr-load.ts';
import { recordedPosts } from '../../support/recorded-cdrs.ts';
import { until } from '../../support/until.ts';
import { type Edge, type Edges, startEdges } from './edges.ts';

const PAUSE_MS = 15;
/** What cdr itself answers when Kafka takes more than a second, as it may on a busy machine; HAProxy's own 503 has no code. */
const KAFKA_IS_SLOW = '503 bus-unavailable';

interface Asked {
  /** every answer by its status and code; `failed` where there was none */
  counts: Map<string, number>;
  stop(): Promise<void>;
}

/** Asks the same again and again, one question at a time. */
function askOn(question: () => Promise<Response>): Asked {
  const counts = new Map<string, number>();
  let isStopping = false;
  const run = async () => {
    while (!isStopping) {
      const status = await question().then(
        async (answer) => {
          const code = /"code":"(bus-[a-z]+)"/.exec(await answer.text())?.[1] ?? '';
          return `${answer.status} ${code}`.trim();
        },
        () => 'failed',
      );
      counts.set(status, (counts.get(status) ?? 0) + 1);
      await sleep(PAUSE_MS);
    }
  };
  const running = run();
  return {
    counts,
    stop: async () => {
      isStopping = true;
      await running;
    },
  };
}

function lookups({ urls, credentials }: Edges, kinds: readonly Edge[]): Asked[] {
  const signal = () => AbortSignal.timeout(20_000);
  const questions: Partial<Record<Edge, () => Promise<Response>>> = {
    routing: () =>
      fetch(`${urls.routing}/routing/did/%2B442071838750?domain=a.example`, {
        headers: { authorization: credentials.kamailio },
        signal: signal(),
      }),
    directory: () =>
      fetch(`${urls.directory}/freeswitch`, {
        method: 'POST',
        headers: { authorization: credentials.freeswitch },
        body: new URLSearchParams({
          ...{ section: 'directory', tag_name: 'domain', key_name: 'name', key_value: 'a.example' },
          ...{ user: '1001', domain: 'a.example', action: 'sip_auth', hostname: 'fs01', key: 'id' },
        }),
        signal: signal(),
      }),
  };
  return kinds.flatMap((kind) => {
    const question = questions[kind];
    return question === undefined ? [] : [askOn(question)];
  });
}

/** The largest CDR that was recorded, again and again: stored once, but each post must be answered */
function largestCdr({ urls, credentials }: Edges): Asked {
  const largest = recordedPosts().reduce((a, b) => (a.body.length > b.body.length ? a : b));
  assert.ok(largest.body.length > 25_000);
  return askOn(() =>
    fetch(`${urls.cdr}${largest.url}`, {
      method: 'POST',
      headers: { authorization: credentials.freeswitch, 'content-type': largest.contentType },
      body: new Uint8Array(largest.body),
      signal: AbortSignal.timeout(20_000),
    }),
  );
}

/** Every CDR that became durable, by leg. */
async function followCdrs(t: TestContext, edges: Edges): Promise<Set<string>> {
  const bus = await openTestBus(edges.busEnvironment);
  t.after(() => bus.close());
  const durable = new Set<string>();
  await bus.subscribe({
    topics: [TOPICS.cdrs],
    group: 'count',
    onBatch: async (batch) => {
      for (const { key } of batch) durable.add(key);
    },
  });
  return durable;
}

/**
 * Restarts edges in turn, then kills one of two, under load and behind the HAProxy that is shipped: every CDR becomes
 * durable, and through the restarts every single request is answered.
 */
export async function restartUnderLoad(t: TestContext, kinds: readonly Edge[]): Promise<void> {
  const edges = await startEdges(t, kinds);
  const durable = await followCdrs(t, edges);
  const credentials = { username: 'freeswitch', password: 'freeswitch-secret' };

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await t.test(signal, async () => {
      const asked = [...lookups(edges, kinds), largestCdr(edges)];
      // as xml_cdr.conf.xml has it: cdr answers 503 when Kafka is slow, as it is on a busy machine
      const load = startCdrLoad(
        { urls: [`${edges.urls.cdr}/cdr`], credentials, retries: 5, timeoutMs: 20_000 },
        { calls: 60, rate: 8 },
      );
      const rounds = signal === 'SIGTERM' ? ([1, 2] as const) : ([1] as const);
      for (const number of rounds)
        await Promise.all(kinds.map((edge) => edges.restart(edge, number, signal)));
      await load.finished;
      for (const asking of asked) await asking.stop();

      const { accepted, failedAttempts } = load.ledger.counts;
      t.diagnostic(
        `${signal}: ${load.total} CDRs posted, ${accepted} accepted, ${failedAttempts} failed attempts`,
      );
      for (const { counts } of asked) t.diagnostic(`${signal}: answers ${JSON.stringify([...counts])}`);
      assert.equal(accepted, load.total);
      for (const { counts } of asked) {
        const bad = [...counts.keys()].filter((answer) => answer !== '200' && answer !== KAFKA_IS_SLOW);
        // after kill -9 HAProxy may answer 503 itself until it has seen that one is gone: the sender comes again
        if (signal === 'SIGTERM') assert.deepEqual(bad, []);
        assert.ok((counts.get('200') ?? 0) > 30, 'it was asked all the time');
      }
      const legs = load.ledger.acceptedUuids();
      await until('every CDR is durable', () => [...legs].every((uuid) => durable.has(uuid)), 60_000);
    });
  }
}
