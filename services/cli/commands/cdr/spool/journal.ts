import { createHash } from 'node:crypto';
import { appendFile, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../../../libs/errors/coded-error.ts';
import { factsOf, type SpooledFile } from './spooled-file.ts';

/** Why a file that was dealt with is still there: it is durable and may stay, or nothing but a person changes it. */
export type Kept = 'durable' | 'kept';

/** Which files of a folder need no more work. */
export interface Journal {
  has(file: SpooledFile): boolean;
  /** Notes files for the next run, too. @throws what the file system says */
  add(files: readonly SpooledFile[], kept: Kept): Promise<void>;
  /** Leaves files alone for as long as this process runs. */
  skip(file: SpooledFile): void;
  /** Forgets what was noted: the next run looks at all files again. */
  forget(): Promise<void>;
}

/** No room, or no right, to write: that shall stop no import. */
const UNWRITABLE = ['EACCES', 'EROFS', 'EPERM', 'ENOSPC', 'EDQUOT'];

/** A journal that is no file. */
export function createJournal(): Journal {
  const known = new Set<string>();
  return {
    has: (file) => known.has(factsOf(file)),
    add: async (files) => {
      for (const file of files) known.add(factsOf(file));
    },
    skip: (file) => void known.add(factsOf(file)),
    forget: async () => known.clear(),
  };
}

export interface JournalOptions {
  folder: string;
  /** of the journal's file */
  name: string;
  /** where files go: what another service took says nothing of this one */
  url: URL;
  /** whether a durable file may stay; if not, one that did is looked at again, to be deleted or moved */
  isLeaving: boolean;
  /** told once that it cannot be written, and is kept in memory only */
  onReadOnly: () => void;
}

/** Opens the journal that is kept beside the files. @throws what the file system says */
export async function openJournal({
  folder,
  name,
  url,
  isLeaving,
  onReadOnly,
}: JournalOptions): Promise<Journal> {
  const path = join(folder, name);
  const service = createHash('sha256').update(url.href).digest('hex').slice(0, 8);
  const lineOf = (file: SpooledFile, kept: Kept) => `${kept} ${service} ${factsOf(file)}`;
  const noted = new Set((await readText(path)).split('\n'));
  const memory = createJournal();
  let isReadOnly = false;
  return {
    ...memory,
    has: (file) =>
      memory.has(file) ||
      noted.has(lineOf(file, 'kept')) ||
      (isLeaving && noted.has(lineOf(file, 'durable'))),
    add: async (files, kept) => {
      await memory.add(files, kept);
      if (files.length === 0 || isReadOnly) return;
      try {
        await appendFile(path, files.map((file) => `${lineOf(file, kept)}\n`).join(''));
      } catch (error) {
        if (!UNWRITABLE.includes(codeOf(error))) throw error;
        isReadOnly = true;
        onReadOnly();
      }
    },
    forget: async () => {
      noted.clear();
      await memory.forget();
      await unlink(path).catch(() => undefined);
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
