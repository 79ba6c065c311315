import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../../../libs/errors/coded-error.ts';
import { lookAt, type OnUnread, type SpooledFile, whyUnread } from './spooled-file.ts';

export interface SpoolSearch {
  folder: string;
  /** a folder below it that is left alone, by whatever path */
  except: string | undefined;
  /** whether a file or a folder below it is looked at now */
  isDue: (name: string) => boolean;
  onUnread: OnUnread;
}

/** Every CDR file below a folder. @throws what the file system says of the folder itself */
export async function* findFiles(search: SpoolSearch): AsyncGenerator<SpooledFile> {
  const folders = [''];
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    for (const entry of await entriesOf(search, below)) {
      const name = join(below, entry.name);
      if (!search.isDue(name)) continue;
      if (entry.isDirectory() && (await isSearched(search, name))) folders.push(name);
      if (!entry.isFile() || !/\.cdr\.(xml|json)$/.test(entry.name)) continue;
      const file = await fileOf(search, name);
      if (file !== undefined) yield file;
    }
  }
}

async function entriesOf({ folder, onUnread }: SpoolSearch, below: string): Promise<Dirent[]> {
  try {
    return await readdir(join(folder, below), { withFileTypes: true });
  } catch (error) {
    if (below === '') throw error;
    if (codeOf(error) !== 'ENOENT') onUnread(below, whyUnread(error));
    return [];
  }
}

async function isSearched({ folder, except, onUnread }: SpoolSearch, name: string): Promise<boolean> {
  try {
    return except === undefined || !(await isSameFolder(join(folder, name), except));
  } catch (error) {
    onUnread(name, whyUnread(error));
    return false;
  }
}

async function fileOf({ folder, onUnread }: SpoolSearch, name: string): Promise<SpooledFile | undefined> {
  try {
    const found = await lookAt(join(folder, name));
    if (found !== undefined) return { ...found, name };
    if (name.includes('\ufffd')) onUnread(name, 'its name is not UTF-8');
  } catch (error) {
    onUnread(name, whyUnread(error));
  }
  return undefined;
}

/**
 * Whether two paths, through symbolic links and mounts, lead to one folder. One that is not there is the same as none.
 * @throws what else the file system says
 */
export async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([identityOf(one), identityOf(other)]);
  return first !== undefined && first === second;
}

async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
