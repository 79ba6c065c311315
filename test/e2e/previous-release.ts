import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Testing } from '../support/stack/test-database.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** A release brings several migrations: where none has a tag, the one before has this many less. */
const MIGRATIONS_A_RELEASE = 5;
const run = promisify(execFile);

/** The release before this one, in a folder of its own. */
export interface PreviousRelease {
  root: string;
  commit: string;
  /** migrations of this release that it does not know */
  unknown: string[];
}

/**
 * Unpacks the release before this one from the repository's history: the newest tag, else the commit before the last
 * migrations. It works with the packages that are installed here. @throws Error when there is no history
 */
export async function unpackPreviousRelease(t: Testing): Promise<PreviousRelease> {
  const commit = (await newestTag()) ?? (await commitBeforeMigrations());
  const root = await mkdtemp(join(tmpdir(), 'switchfleet-previous-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const archive = join(root, 'archive.tar');
  await git('archive', `--output=${archive}`, commit, 'package.json', 'libs', 'services', 'migrations');
  await run('tar', ['-xf', archive, '-C', root]);
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const added = await git('diff', '--name-only', '--diff-filter=A', commit, '--', 'migrations');
  return { root, commit, unknown: added.split('\n').filter((path) => path !== '') };
}

async function newestTag(): Promise<string | undefined> {
  const tags = await git('tag', '--merged', 'HEAD~', '--sort=-creatordate', '--list', 'v*');
  return tags.split('\n')[0] || undefined;
}

async function commitBeforeMigrations(): Promise<string> {
  const log = await git('log', '--diff-filter=A', '--name-only', '--format=commit %H', '--', 'migrations');
  let seen = 0;
  let commit = '';
  for (const line of log.split('\n')) {
    if (line.startsWith('commit ')) commit = line.slice('commit '.length);
    else if (line !== '') seen += 1;
    if (seen === MIGRATIONS_A_RELEASE) return `${commit}~`;
  }
  throw new Error('the history of this checkout holds no release before: git fetch --unshallow');
}

async function git(...args: string[]): Promise<string> {
  return (await run('git', args, { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 })).stdout.trim();
}
