import type { ClientBase } from 'pg';
import { messageOf } from '../errors/coded-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import { listPartitions, type Partition, takeTurn } from './partition.sql.ts';
import type { PartitionFigures } from './partition-figures.ts';
import { hasSqlState, SQL_STATE } from './sql-state.ts';

/** One keeper works on a table at a time; the others wait this long for it, holding nothing. */
const TURN_MS = 2_000;
/** A long query on the table makes us wait for it, and everybody else wait behind us: not for long. */
const LOCK_MS = 3_000;

export interface WorkPlace {
  client: ClientBase;
  table: string;
  figures: PartitionFigures;
  logger: Logger;
}

/** What became of a piece of work; `held`: somebody has a lock on the table for longer than we wait. */
export type WorkOutcome = 'done' | 'held' | 'failed';

/**
 * Does one piece of work on a table's partitions in a transaction of its own, when no other keeper is at the table. What fails is
 * logged, counted and left to the next run. `work` gets the partitions as they are then: another one may have been faster.
 */
export async function attemptWork(
  { client, table, figures, logger }: WorkPlace,
  what: string,
  work: (partitions: readonly Partition[]) => Promise<void>,
): Promise<WorkOutcome> {
  let hasTurn = false;
  try {
    await client.query('begin');
    await takeTurn(client, table, TURN_MS);
    hasTurn = true;
    await client.query(`set local lock_timeout = ${LOCK_MS}`);
    await work(await listPartitions(client, table));
    await client.query('commit');
    return 'done';
  } catch (error) {
    await client.query('rollback');
    const isHeld = hasSqlState(error, SQL_STATE.lockNotAvailable);
    const reason = messageOf(error);
    if (isHeld && !hasTurn) {
      figures.busy.inc({ table });
      logger.warn({ table, reason }, `somebody else works on the table: did not ${what}, will try again`);
    } else {
      figures.failures.inc({ table });
      logger.error({ table, reason }, `cannot ${what}, will try again`);
    }
    return isHeld ? 'held' : 'failed';
  }
}
