import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { codeOf } from '../errors/coded-error.ts';

/** A recording that is open for reading. */
export interface SharedFile {
  handle: FileHandle;
  bytes: number;
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG']);

/**
 * Opens a file below a folder; undefined when there is none, it is no plain file, or a link leads out of the folder. What is
 * checked is what was opened, so exchanging it meanwhile gains nothing.
 */
export async function openSharedFile(folder: string, path: string): Promise<SharedFile | undefined> {
  const handle = await openOrAbsent(folder, path);
  if (handle === undefined) return undefined;
  const stats = await handle.stat();
  const isInside = await isBelow(folder, handle, join(folder, path));
  if (stats.isFile() && isInside) return { handle, bytes: stats.size };
  await handle.close();
  return undefined;
}

async function openOrAbsent(folder: string, path: string): Promise<FileHandle | undefined> {
  try {
    // a pipe must not wait for its writer
    return await open(join(folder, path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (ABSENT.has(codeOf(error))) return undefined;
    throw error;
  }
}

async function isBelow(folder: string, handle: FileHandle, path: string): Promise<boolean> {
  const root = await realpath(folder);
  const opened = await realpath(`/proc/self/fd/${handle.fd}`).catch(() => realpath(path));
  return opened.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** A part of a file, both ends included. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * The one range of a Range header (RFC 9110). Undefined: the whole file, also where several are asked for; `none`: there is no
 * such part.
 */
export function readRange(header: string | undefined, bytes: number): ByteRange | 'none' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '')
    return Number(to) === 0 || bytes === 0
      ? 'none'
      : { first: Math.max(0, bytes - Number(to)), last: bytes - 1 };
  const [first, last] = [Number(from), to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1)];
  if (to !== '' && Number(to) < first) return undefined;
  return first >= bytes ? 'none' : { first, last };
}
