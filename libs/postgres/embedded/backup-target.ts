import { lstat, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { makeFolder } from '../../disk/folder.ts';
import { CodedError, codeOf } from '../../errors/coded-error.ts';

/** @throws CodedError `backup-target-exists` */
export async function requireAbsent(target: string): Promise<void> {
  try {
    await lstat(target);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  throw targetExists(target);
}

function targetExists(target: string, cause?: unknown): CodedError {
  const message = `${target} is there already: name a folder that is not`;
  return new CodedError('backup-target-exists', message, { cause });
}

/**
 * The one name of a target, however it was reached; its parent is made.
 * @throws CodedError `backup-target-inside`: it lies in `data`, and the copy would copy itself
 */
export async function placeOf(target: string, data: string): Promise<string> {
  await makeFolder(dirname(target));
  const [parent, copied] = [await realpath(dirname(target)), await realpath(data)];
  if (!`${parent}${sep}`.startsWith(`${copied}${sep}`)) return join(parent, basename(target));
  throw new CodedError('backup-target-inside', `${target} lies in what is copied: name a folder elsewhere`);
}

/** Says that a draft is whole. @throws CodedError `backup-target-exists`: somebody made it meanwhile */
export async function giveName(draft: string, target: string): Promise<void> {
  try {
    await rename(draft, target);
  } catch (cause) {
    if (!/^(ENOTEMPTY|EEXIST|ENOTDIR)$/.test(codeOf(cause))) throw cause;
    throw targetExists(target, cause);
  }
}

/** An empty folder, instead of what one that was killed has left. */
export async function makeDraft(draft: string): Promise<void> {
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o711 });
  await mkdir(join(draft, 'postgres'), { mode: 0o711 });
}
