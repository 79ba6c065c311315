import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../disk/folder.ts';
import { CodedError, codeOf } from '../../errors/coded-error.ts';
import { deriveKey } from '../../sealing/key.ts';
import type { TableRows } from '../read-tables.sql.ts';
import type { SnapshotRow, SnapshotTable } from '../table.ts';
import { openFrames, sealFrame } from './frame.ts';

/** Where a snapshot lies and what opens it. */
export interface SnapshotFile {
  path: string;
  secretsKey: string | undefined;
  tables: readonly SnapshotTable<SnapshotRow>[];
}

/** The first frame: what this is, and of when. */
interface Header {
  shape: string;
  revision: number;
  writtenUs: number;
}

/**
 * Writes a snapshot, encrypted and readable by its owner only, whole or not at all (beside, then renamed).
 * @throws CodedError `secrets-key-missing`, `secrets-key-invalid`; file system errors
 */
export async function writeSnapshot(
  file: SnapshotFile,
  header: { revision: number; writtenUs: number },
  parts: AsyncIterable<TableRows>,
): Promise<void> {
  const key = deriveKey(file.secretsKey, 'disk-snapshot');
  const beside = `${file.path}.new`;
  await makeFolder(dirname(file.path), 0o700);
  await rm(beside, { force: true });
  const handle = await open(beside, 'wx', 0o600);
  try {
    await writeFrames(handle, key, { ...header, shape: shapeOf(file.tables) }, parts);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file.path);
}

async function writeFrames(
  handle: FileHandle,
  key: Buffer,
  header: Header,
  parts: AsyncIterable<TableRows>,
): Promise<void> {
  let index = 0;
  const write = (value: unknown) => handle.write(sealFrame(key, index++, value));
  await write(header);
  for await (const part of parts) await write(part);
  await write({ end: true });
}

/**
 * Reads a snapshot: `onRows` gets its parts as they come; the result says of when it is.
 * @throws CodedError `snapshot-missing`, `snapshot-other-shape` (of another release), `snapshot-unreadable` (damaged, cut
 *   off, or another key), `secrets-key-missing`, `secrets-key-invalid`
 */
export async function readSnapshot(
  file: SnapshotFile,
  onRows: (part: TableRows) => void,
): Promise<{ revision: number; writtenUs: number }> {
  const key = deriveKey(file.secretsKey, 'disk-snapshot');
  try {
    return await readFrames(file, openFrames(key, createReadStream(file.path)), onRows);
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    if (codeOf(cause) === 'ENOENT')
      throw new CodedError('snapshot-missing', `there is no snapshot ${file.path}`);
    throw new CodedError('snapshot-unreadable', `snapshot ${file.path} cannot be used`, { cause });
  }
}

async function readFrames(
  file: SnapshotFile,
  frames: AsyncGenerator<unknown>,
  onRows: (part: TableRows) => void,
): Promise<Header> {
  const first = await frames.next();
  const header = first.value as Header | undefined;
  if (header?.shape !== shapeOf(file.tables)) {
    throw new CodedError('snapshot-other-shape', `snapshot ${file.path} was written by another release`);
  }
  let isComplete = false;
  for await (const value of frames) {
    if (isTableRows(value)) onRows(value);
    else isComplete = true;
  }
  if (!isComplete) throw new Error('the end is missing');
  return header;
}

function isTableRows(value: unknown): value is TableRows {
  return typeof value === 'object' && value !== null && 'rows' in value;
}

/** Changes with every column that a release reads. */
function shapeOf(tables: readonly SnapshotTable<SnapshotRow>[]): string {
  return createHash('sha256')
    .update(JSON.stringify(tables.map(({ name, select }) => [name, select])))
    .digest('hex');
}
