import assert from 'node:assert/strict';
import pg from 'pg';
import type { ExpectedCalls } from '../support/expected-calls.ts';
import type { Fleet } from '../support/simulator/fleet.ts';
import { until } from '../support/until.ts';
import type { Product } from './product.ts';

/** At ten times the speed two real seconds, in which a busy machine may stand still; silence would take fifty to be noticed. */
const NOTICED_WITHIN_S = 20;

/**
 * What a person expects, told by a replay in which nobody noticed the kill -9 of `node` at once: at ten times the speed
 * the hundredth of a second that a busy machine needs is a tenth. An answered call that was cut talked until the
 * collector saw the socket close; fails when that was too late to be lateness.
 */
export async function expectedWhenNoticed(
  product: Product,
  { fleet, node, expected }: { fleet: Fleet; node: string; expected: ExpectedCalls },
): Promise<ExpectedCalls> {
  const killed = fleet.ends.find((end) => end.node === node && end.how === 'kill');
  assert.ok(killed, `${node} is killed in the recording`);
  const lateS = ((await firstDownUs(product, node)) - killed.atUs) / 1_000_000;
  assert.ok(Math.abs(lateS) < NOTICED_WITHIN_S, `${node} is down ${lateS} s after it was killed`);
  return {
    ...expected,
    calls: expected.calls.map((call) =>
      call.disposition === 'interrupted' ? { ...call, billsec: (call.billsec ?? 0) + lateS } : call,
    ),
  };
}

/** When a collector saw the event socket of a node close for the first time; the merger writes it down a moment later. */
async function firstDownUs({ databaseUrl }: Product, node: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    let downUs = Number.NaN;
    const isTold = async () => {
      const { rows } = await client.query<{ at_us: string | null }>(
        `select min((record->>'at_us')::bigint) as at_us from node_evidence
         where node = $1 and record->>'kind' = 'state' and record->>'state' = 'down'`,
        [node],
      );
      downUs = Number(rows[0]?.at_us ?? Number.NaN);
      return Number.isFinite(downUs);
    };
    await until(`${node} is known to be down`, isTold);
    return downUs;
  } finally {
    await client.end();
  }
}
