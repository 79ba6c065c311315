import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../errors/coded-error.ts';

/**
 * Makes a folder with those above it that are missing, all of them with `mode`; one that is there stays as it is. Not by
 * `mkdir` with `recursive`: where a folder is there and yet says "no such file" to a new one (in /proc), Node.js tries for ever.
 * @throws file system errors
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await makeLast(path, mode);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    if (!(await isThere(dirname(path)))) await makeFolder(dirname(path), mode);
    // Once more also where it is there now: somebody else made it meanwhile, or it takes no folder.
    await makeLast(path, mode);
  }
}

async function makeLast(path: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (!(await isFolder(path))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => codeOf(error) !== 'ENOENT',
  );
}
