import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { codeOf } from '../../../../../libs/errors/coded-error.ts';

/** A file that mod_xml_cdr or mod_json_cdr left, as it stood when it was looked at. */
export interface SpooledFile {
  path: string;
  /** from the folder that was asked for */
  name: string;
  size: number;
  mtimeMs: number;
}

export interface ReadFile extends SpooledFile {
  body: Buffer;
  /** the leg that its name says: `[a_]UUID.cdr.xml` */
  uuid: string | undefined;
}

/** As much as service cdr takes. */
const LARGEST = 16 * 1024 * 1024;

/** Told of what stays where it is, and why. */
export type OnLeft = (file: Pick<SpooledFile, 'name'>, why: string) => void;

export interface Search {
  folder: string;
  /** a folder below it that is left alone */
  except: string | undefined;
  onLeft: OnLeft;
}

/** Every CDR file below a folder. @throws what the file system says of the folder itself */
export async function* findFiles({ folder, except, onLeft }: Search): AsyncGenerator<SpooledFile> {
  const skipped = except === undefined ? undefined : resolve(except);
  const folders = [''];
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    for (const entry of await entriesOf(folder, below, onLeft)) {
      const name = join(below, entry.name);
      const path = join(folder, name);
      if (entry.isDirectory() && resolve(path) !== skipped) folders.push(name);
      if (!entry.isFile() || !/\.cdr\.(xml|json)$/.test(entry.name)) continue;
      const found = await lookAt(path);
      if (found !== undefined) yield { ...found, name };
      else if (name.includes('\ufffd')) onLeft({ name }, 'its name is not UTF-8');
    }
  }
}

async function entriesOf(folder: string, below: string, onLeft: OnLeft): Promise<Dirent[]> {
  try {
    return await readdir(join(folder, below), { withFileTypes: true });
  } catch (error) {
    const code = codeOf(error);
    if (below === '' || !(code === 'ENOENT' || isForbidden(code))) throw error;
    if (code !== 'ENOENT') onLeft({ name: below }, 'it may not be read');
    return [];
  }
}

const isForbidden = (code: string) => code === 'EACCES' || code === 'EPERM';

/** How a file stands now; undefined when it is gone. */
export async function lookAt(path: string): Promise<Omit<SpooledFile, 'name'> | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, size, mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Reads a file; undefined when it may not be read, or was written to since it was looked at, `gone` when another importer took it.
 * @param onLeft told of one that is larger than a CDR can be, or may not be read: those behind it shall not wait for it
 */
export async function readUnchanged(
  file: SpooledFile,
  onLeft: OnLeft,
): Promise<ReadFile | 'gone' | undefined> {
  if (file.size > LARGEST) return void onLeft(file, 'it is larger than a CDR can be');
  const body = await readFile(file.path).catch((error: unknown) => {
    const code = codeOf(error);
    if (isForbidden(code)) return void onLeft(file, 'it may not be read');
    if (code === 'ENOENT') return 'gone' as const;
    throw error;
  });
  if (body === undefined || body === 'gone') return body;
  if (body.length !== file.size || !(await isUnchanged(file))) return undefined;
  const uuid = /^(?:a_)?([A-Za-z0-9_.-]{1,128})\.cdr\.(?:xml|json)$/.exec(basename(file.path))?.[1];
  return { ...file, body, uuid };
}

/** What tells a file from others, and from itself after it was written to. */
export function factsOf({ name, size, mtimeMs }: SpooledFile): string {
  return `${size} ${mtimeMs} ${name}`;
}

/** Whether a file is as it was when it was looked at. */
export async function isUnchanged(file: SpooledFile): Promise<boolean> {
  const now = await lookAt(file.path);
  return now?.size === file.size && now.mtimeMs === file.mtimeMs;
}
