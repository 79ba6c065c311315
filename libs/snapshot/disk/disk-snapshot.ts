import { messageOf } from '../../errors/coded-error.ts';
import type { Stoppable } from '../../lifecycle/stoppable.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { TableRows } from '../read-tables.sql.ts';
import { readSnapshot, type SnapshotFile } from './snapshot-file.ts';
import { writeInWorker } from './writer.ts';

export interface DiskSnapshotOptions extends SnapshotFile {
  connectionString: string;
  /** shortest time between two writes, milliseconds */
  intervalMs: number;
  nowUs: () => number;
  logger: Logger;
}

/** The copy on disk that a start without PostgreSQL answers from. */
export interface DiskSnapshot extends Stoppable {
  /** Says that the database is at `revision` now: written, in the background, when the copy is older and it is time. */
  offer(revision: number): void;
  /** @throws as `readSnapshot` */
  read(onRows: (part: TableRows) => void): Promise<{ revision: number; writtenUs: number }>;
}

export function createDiskSnapshot(options: DiskSnapshotOptions): DiskSnapshot {
  const { intervalMs, nowUs, logger, path, secretsKey, tables, connectionString } = options;
  const file: SnapshotFile = { path, secretsKey, tables };
  const stopped = new AbortController();
  let written = -1;
  let nextAt = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> | undefined;

  async function write(revision: number): Promise<void> {
    const plainTables = tables.map(({ name, select, where }) => ({ name, select, where }));
    const data = { path, secretsKey, tables: plainTables, connectionString, writtenUs: nowUs() };
    try {
      await writeInWorker(data, stopped.signal);
      written = revision;
    } catch (error) {
      if (!stopped.signal.aborted) logger.warn({ reason: messageOf(error) }, 'disk snapshot was not written');
    }
  }

  function offer(revision: number): void {
    const now = performance.now();
    if (writing !== undefined || revision === written || now < nextAt || secretsKey === undefined) return;
    nextAt = now + intervalMs;
    writing = write(revision).finally(() => {
      writing = undefined;
    });
  }

  return {
    offer,
    read: (onRows) => readSnapshot(file, onRows),
    stop: async () => {
      stopped.abort();
      await writing;
    },
  };
}
