import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../../../libs/errors/coded-error.ts';
import type { SpooledFile } from './spooled-file.ts';

/** Which files of a folder are durable, kept beside them: a run that was cut short goes on where it was. */
export interface Journal {
  has(file: SpooledFile): boolean;
  /** @throws what the file system says */
  add(files: readonly SpooledFile[]): Promise<void>;
}

const NAME = '.switchfleet-imported';
const lineOf = ({ name, size, mtimeMs }: SpooledFile) => `${size} ${mtimeMs} ${name}`;

/** Opens the journal of a folder. One that cannot be written (a read-only copy) is kept in memory only: `onReadOnly` is told once. */
export async function openJournal(folder: string, onReadOnly: () => void): Promise<Journal> {
  const path = join(folder, NAME);
  const known = new Set((await readText(path)).split('\n'));
  let isReadOnly = false;
  return {
    has: (file) => known.has(lineOf(file)),
    add: async (files) => {
      if (files.length === 0) return;
      for (const file of files) known.add(lineOf(file));
      if (isReadOnly) return;
      try {
        await appendFile(path, files.map((file) => `${lineOf(file)}\n`).join(''));
      } catch (error) {
        if (!['EACCES', 'EROFS', 'EPERM'].includes(codeOf(error))) throw error;
        isReadOnly = true;
        onReadOnly();
      }
    },
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
