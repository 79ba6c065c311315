import { unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../../../../libs/disk/folder.ts';
import { codeOf } from '../../../../../libs/errors/coded-error.ts';
import { isSameContent, place } from './placing.ts';
import { isUnchanged, type SpooledFile } from './spooled-file.ts';

/** What becomes of a file that is durable. */
export type Disposal = { kind: 'leave' } | { kind: 'delete' } | { kind: 'move'; folder: string };

/**
 * Deletes or moves a file whose CDR is durable, unless it was written to meanwhile. Gives whether it is gone.
 * @throws what the file system says
 */
export async function dispose(file: SpooledFile, disposal: Disposal): Promise<boolean> {
  if (disposal.kind === 'leave' || !(await isUnchanged(file))) return false;
  try {
    if (disposal.kind === 'move') await copyTo(file.path, join(disposal.folder, file.name));
    await unlink(file.path);
  } catch (error) {
    // another importer of the same folder was faster
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  return true;
}

/** So many files of one name may lie in the folder that files are moved to. */
const MOST_OF_A_NAME = 100;

/** Puts a file at a path, or beside another one that is there: nothing is written over. */
async function copyTo(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  for (let number = 0; ; number += 1) {
    const target = number === 0 ? to : to.replace(/\.cdr\.(?:xml|json)$/, `.${number}$&`);
    try {
      return await place(from, target);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || number >= MOST_OF_A_NAME) throw error;
      if (await isSameContent(from, target)) return;
    }
  }
}
