import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { codeOf, messageOf } from '../../../../../libs/errors/coded-error.ts';

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

/** Told of a file or a folder that the file system does not let us see. */
export type OnUnread = (name: string, why: string) => void;

/** That is this process's or this machine's trouble, of no file its own. */
const SHORT_OF = ['ENOMEM', 'EMFILE', 'ENFILE'];

/** Why one file or folder cannot be read: those beside it shall not wait for it. @throws the error when it is of no file its own */
export function whyUnread(error: unknown): string {
  const code = codeOf(error);
  if (code === 'unknown' || SHORT_OF.includes(code)) throw error;
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read';
  return `it cannot be read: ${messageOf(error)}`;
}

/** How a file stands now; undefined when it is gone. @throws what the file system says */
export async function lookAt(path: string): Promise<Omit<SpooledFile, 'name'> | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, size, mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Reads a file, or says why not: another importer took it, it was written to since it was looked at, or it cannot be read. */
export async function readUnchanged(
  file: SpooledFile,
  onUnread: OnUnread,
): Promise<ReadFile | 'gone' | 'changed' | 'unread'> {
  try {
    if (file.size > LARGEST) {
      onUnread(file.name, 'it is larger than a CDR can be');
      return 'unread';
    }
    const body = await readFile(file.path);
    if (body.length !== file.size || !(await isUnchanged(file))) return 'changed';
    const uuid = /^(?:a_)?([A-Za-z0-9_.-]{1,128})\.cdr\.(?:xml|json)$/.exec(basename(file.path))?.[1];
    return { ...file, body, uuid };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'gone';
    onUnread(file.name, whyUnread(error));
    return 'unread';
  }
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
