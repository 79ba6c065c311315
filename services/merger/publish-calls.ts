import type { Bus, BusRecord } from '../../libs/bus/bus.ts';
import { codeOf } from '../../libs/errors/coded-error.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { transaction } from '../../libs/postgres/transaction.ts';
import type { Call } from '../../libs/records/call.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { StoredCall } from '../../libs/store/call.sql.ts';
import {
  callsToPublish,
  forgetPublished,
  markPublished,
  type OutgoingCall,
  tryPublisherLock,
} from '../../libs/store/call-outbox.sql.ts';
import { drain } from './drain.ts';

/** What is read, encoded and counted at a stretch: in standalone CDRs wait meanwhile. */
const BATCH = 100;

export interface PublishingOptions {
  /** told of each call once: when its first publication was noted */
  onFinished: (calls: StoredCall[]) => Promise<void>;
  /** told of a call that the bus cannot take, such as one that is larger than a record may be */
  onLeftOut: (id: string, error: unknown) => void;
}

/**
 * Publishes what waits in the outbox, and takes it out after the bus has it: at least once each revision that is the last one for
 * longer than a moment. One merger at a time; the others come back later. Returns how many were published, or left out because
 * the bus takes no such record: else they would hold up all others for ever.
 */
export async function publishCalls(
  pool: Pool,
  bus: Bus,
  { onFinished, onLeftOut }: PublishingOptions,
): Promise<number> {
  return drain(async () => {
    const told = await transaction(pool, async (client) => {
      if (!(await tryPublisherLock(client))) return [];
      const outgoing = await callsToPublish(client, BATCH);
      if (outgoing.length === 0) return [];
      await publishOrLeaveOut(bus, outgoing, onLeftOut);
      await markPublished(
        client,
        outgoing.filter(({ isUnmarked }) => isUnmarked),
      );
      await forgetPublished(client, outgoing);
      return outgoing;
    });
    await onFinished(told.flatMap(firstHeard));
    return told.length;
  }, BATCH);
}

/** Where the bus refuses a record all others were published with it; which one it was is found by publishing each once more, alone. */
async function publishOrLeaveOut(
  bus: Bus,
  calls: readonly OutgoingCall[],
  onLeftOut: PublishingOptions['onLeftOut'],
): Promise<void> {
  const publish = (part: readonly OutgoingCall[]) => bus.publish(TOPICS.calls, part.flatMap(toRecords));
  try {
    await publish(calls);
  } catch (refusal) {
    if (!isRefused(refusal)) throw refusal;
    for (const call of calls)
      await publish([call]).catch((error: unknown) => {
        if (!isRefused(error)) throw error;
        onLeftOut(call.id, error);
      });
  }
}

/** The bus takes no such record, now or later. */
function isRefused(error: unknown): boolean {
  return ['record-too-large', 'record-unwritable'].includes(codeOf(error));
}

function toRecords({ id, call }: OutgoingCall): BusRecord[] {
  if (call === undefined) return [];
  const value: Call = { v: 1, ...call };
  return [{ key: id, value }];
}

function firstHeard({ call, isFirst }: OutgoingCall): StoredCall[] {
  return call !== undefined && isFirst && call.merged_into === null ? [call] : [];
}
