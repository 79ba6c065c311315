import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../../../../../libs/errors/coded-error.ts';

/** A CDR says who called whom. */
const COPY_MODE = 0o600;

const NO_LINKS = ['EXDEV', 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'];

/**
 * Puts a file at a path of any file system, whole or not at all.
 * @throws `EEXIST` and what else the file system says; then the target is as it was
 */
export async function place(from: string, target: string): Promise<void> {
  if (await isLinked(from, target)) return;
  const body = await readFile(from);
  const copy = join(dirname(target), copyName(basename(from), body));
  try {
    await writeCopy(copy, body);
    if (!(await isLinked(copy, target))) await renameTo(copy, target);
  } finally {
    await unlink(copy).catch(ignoreGone);
  }
}

/**
 * Whether a run that was cut short, or another importer, has put the same bytes there.
 * @throws what the file system says
 */
export async function isSameContent(source: string, target: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(source), stat(target)]);
  // one file by two paths (a mount) has one link: to remove it here would remove it there
  if (one.dev === other.dev && one.ino === other.ino && one.nlink === 1) return false;
  return one.size === other.size && (await readFile(source)).equals(await readFile(target));
}

/** Whether it is there by a link now; not, where the file systems are two or know no links. */
async function isLinked(from: string, target: string): Promise<boolean> {
  try {
    await link(from, target);
    return true;
  } catch (error) {
    if (NO_LINKS.includes(codeOf(error))) return false;
    throw error;
  }
}

/**
 * A copy is found by its content: whoever else writes it, now or before it was killed, writes the same bytes. No search
 * takes a name that ends so for a CDR.
 */
function copyName(name: string, body: Buffer): string {
  const hash = createHash('sha256').update(`${name}\n`).update(body).digest('hex');
  return `.${hash.slice(0, 32)}.switchfleet-moving`;
}

/** Not truncated first: another importer may be about to link it. */
async function writeCopy(path: string, body: Buffer): Promise<void> {
  const copy = await open(path, constants.O_WRONLY | constants.O_CREAT, COPY_MODE);
  try {
    await copy.writeFile(body);
    await copy.truncate(body.length);
    await copy.sync();
  } finally {
    await copy.close();
  }
}

/** Without links, the name is taken first, by an empty file: a rename alone would write over another one. */
async function renameTo(copy: string, target: string): Promise<void> {
  await (await open(target, 'wx', COPY_MODE)).close();
  await rename(copy, target);
}

function ignoreGone(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}
