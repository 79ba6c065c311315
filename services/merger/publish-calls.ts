import type { Bus } from '../../libs/bus/bus.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { transaction } from '../../libs/postgres/transaction.ts';
import type { Call } from '../../libs/records/call.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import {
  callsToPublish,
  markPublished,
  type StoredCall,
  tryPublisherLock,
} from '../../libs/store/call.sql.ts';
import { drain } from './drain.ts';

const BATCH = 500;

/**
 * Publishes finished calls that nobody was told of yet, and notes it after the bus has them: at least once each revision.
 * One merger at a time; the others come back later. Returns how many were published. `onFinished` is told of each call once:
 * when its first revision was noted as published.
 */
export async function publishCalls(
  pool: Pool,
  bus: Bus,
  onFinished: (calls: StoredCall[]) => Promise<void>,
): Promise<number> {
  return drain(async () => {
    const told = await transaction(pool, async (client) => {
      if (!(await tryPublisherLock(client))) return [];
      const unpublished = await callsToPublish(client, BATCH);
      const calls = unpublished.map(({ call }) => call);
      if (calls.length === 0) return [];
      await bus.publish(
        TOPICS.calls,
        calls.map((call) => ({ key: call.id, value: toRecord(call) })),
      );
      await markPublished(client, calls);
      return unpublished;
    });
    await onFinished(
      told.flatMap(({ call, isFirst }) => (isFirst && call.merged_into === null ? [call] : [])),
    );
    return told.length;
  }, BATCH);
}

function toRecord(call: StoredCall): Call {
  return { v: 1, ...call };
}
