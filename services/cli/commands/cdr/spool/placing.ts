import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, open, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
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
    if (!(await isLinked(copy, target))) await renameTo(copy, target, body);
  } finally {
    await unlink(copy).catch(ignoreGone);
  }
}

/**
 * Whether a run that was cut short, or another importer, has put the same bytes there.
 * @throws what the file system says
 */
export async function isSameContent(source: string, target: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(source), stat(target).catch(ignoreGone)]);
  // its name is claimed only, or somebody took it away
  if (other === undefined) return false;
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

/**
 * Without links: a rename alone would write over another file. So the target's name is claimed first, by a file beside it that says
 * for which bytes. What a killed run leaves is that claim, and the next run of the same file goes on with it.
 */
async function renameTo(copy: string, target: string, body: Buffer): Promise<void> {
  const claim = join(dirname(target), claimName(basename(target)));
  if (!(await isClaimed(claim, hashOf(body)))) throw taken(target);
  try {
    if (await isThere(target)) throw taken(target);
    await rename(copy, target);
  } finally {
    await unlink(claim).catch(ignoreGone);
  }
}

/** Not the target's own name, not even for a moment: who finds a file of that name finds it whole. */
function claimName(name: string): string {
  return `.${hashOf(name).slice(0, 32)}.switchfleet-claim`;
}

/** Whether the name is claimed for these bytes now, by us or by whoever moves the same. */
async function isClaimed(claim: string, hash: string): Promise<boolean> {
  try {
    await writeFile(claim, hash, { flag: 'wx', mode: COPY_MODE, flush: true });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return (await readFile(claim, 'utf8').catch(ignoreGone)) === hash;
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(ignoreGone)) !== undefined;
}

function taken(target: string): Error {
  return Object.assign(new Error(`EEXIST: ${target} is another file's`), { code: 'EEXIST' });
}

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function ignoreGone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}
