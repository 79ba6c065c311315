import type { ClientBase } from 'pg';

/** Where the server keeps its files. */
export async function readDataDirectory(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ folder: string }>(
    `select current_setting('data_directory') as folder`,
  );
  return rows[0]?.folder ?? '';
}

/** Takes this folder for the backup of this connection; false: another one makes it. */
export async function claimTarget(client: ClientBase, target: string): Promise<boolean> {
  const { rows } = await client.query<{ is_ours: boolean }>(
    `select pg_try_advisory_lock(hashtext('switchfleet.backup'), hashtext($1)) as is_ours`,
    [target],
  );
  return rows[0]?.is_ours === true;
}

/**
 * Lets the server know that its files will be copied while it works. A slot that goes with this connection keeps the log
 * that the copy needs.
 */
export async function startBackup(client: ClientBase, name: string): Promise<void> {
  await client.query('select pg_create_physical_replication_slot($1, true, true)', [name]);
  await client.query('select pg_backup_start($1, true)', [name]);
}

/** What a copy needs besides the files. */
export interface BackupEnd {
  /** to be written into it as `backup_label` */
  label: string;
  /** the last segment of the log that it needs: those behind it are only kept to be used again */
  lastSegment: string;
}

/** The copy is made. */
export async function endBackup(client: ClientBase): Promise<BackupEnd> {
  const { rows } = await client.query<BackupEnd>(
    'select labelfile as label, pg_walfile_name(lsn) as "lastSegment" from pg_backup_stop(false)',
  );
  return rows[0] ?? { label: '', lastSegment: '' };
}
