import { workerData } from 'node:worker_threads';
import { Client } from '../../postgres/client.ts';
import { readPosition } from '../change-log.sql.ts';
import { inOneMoment, readTables } from '../read-tables.sql.ts';
import { type SnapshotFile, writeSnapshot } from './snapshot-file.ts';

/** What the writer hands its worker. */
export interface DiskWorkerData extends SnapshotFile {
  connectionString: string;
  writtenUs: number;
}

// The thread's whole work: read everything in one moment on a connection of its own, straight into the file.
const { connectionString, writtenUs, ...file } = workerData as DiskWorkerData;
const client = new Client({
  connectionString,
  application_name: 'switchfleet disk snapshot',
  connectionTimeoutMillis: 10_000,
  statement_timeout: 60_000,
  query_timeout: 65_000,
});
await client.connect();
try {
  await inOneMoment(client, async () => {
    const { revision } = await readPosition(client);
    await writeSnapshot(file, { revision, writtenUs }, readTables(client, file.tables));
  });
} finally {
  await client.end();
}
