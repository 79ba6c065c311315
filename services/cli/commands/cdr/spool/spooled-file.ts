import { copyFile, opendir, readFile, rename, stat, unlink } from 'node:fs/promises';
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

/** Every CDR file below a folder; `except` is a folder below it that is left alone. */
export async function* findFiles(folder: string, except?: string): AsyncGenerator<SpooledFile> {
  const skipped = except === undefined ? undefined : `${resolve(except)}/`;
  for await (const entry of await opendir(folder, { recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.cdr\.(xml|json)$/.test(entry.name)) continue;
    if (skipped !== undefined && `${resolve(path)}`.startsWith(skipped)) continue;
    const found = await lookAt(path);
    if (found !== undefined) yield { ...found, name: path.slice(folder.length).replace(/^\//, '') };
  }
}

async function lookAt(path: string): Promise<Omit<SpooledFile, 'name'> | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, size, mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Reads a file; undefined when it is gone, or was written to since it was looked at.
 * @param onLeft told of one that is larger than a CDR can be, or may not be read: those behind it shall not wait for it
 */
export async function readUnchanged(
  file: SpooledFile,
  onLeft: (file: SpooledFile, why: string) => void,
): Promise<ReadFile | undefined> {
  if (file.size > LARGEST) return void onLeft(file, 'it is larger than a CDR can be');
  const body = await readFile(file.path).catch((error: unknown) => {
    const code = codeOf(error);
    if (code === 'EACCES' || code === 'EPERM') return void onLeft(file, 'it may not be read');
    if (code === 'ENOENT') return undefined;
    throw error;
  });
  if (body === undefined || body.length !== file.size || !(await isUnchanged(file))) return undefined;
  const uuid = /^(?:a_)?([A-Za-z0-9_.-]{1,128})\.cdr\.(?:xml|json)$/.exec(basename(file.path))?.[1];
  return { ...file, body, uuid };
}

async function isUnchanged(file: SpooledFile): Promise<boolean> {
  const now = await lookAt(file.path);
  return now?.size === file.size && now.mtimeMs === file.mtimeMs;
}

/** What becomes of a file that is durable. */
export type Disposal = { kind: 'leave' } | { kind: 'delete' } | { kind: 'move'; folder: string };

/** Deletes or moves a file whose CDR is durable, unless it was written to meanwhile. Gives whether it is gone. */
export async function dispose(file: SpooledFile, disposal: Disposal): Promise<boolean> {
  if (disposal.kind === 'leave' || !(await isUnchanged(file))) return false;
  if (disposal.kind === 'delete') await unlink(file.path);
  else await move(file.path, join(disposal.folder, basename(file.path)));
  return true;
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    await copyFile(from, to);
    await unlink(from);
  }
}
