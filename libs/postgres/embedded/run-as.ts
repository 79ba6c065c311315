import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { CodedError, messageOf } from '../../errors/coded-error.ts';

const run = promisify(execFile);

/** Who runs PostgreSQL: this process's own user, or, since PostgreSQL refuses root, a user of its own. */
export interface RunAs {
  /** undefined: this process's own user */
  readonly owner: { uid: number; gid: number } | undefined;
  /** words before the program and its arguments */
  readonly prefix: readonly string[];
}

const USER = 'postgres';
const LIMIT_MS = 30_000;

/**
 * Decides who runs PostgreSQL. Under root that is the user `postgres`, made when there is none. Where a folder above
 * the data or the programs is closed to that user (a 0700 home or temporary folder), the server gets the one capability
 * to pass through folders (setpriv of util-linux) rather than those folders new permissions.
 * @throws CodedError `postgres-user-failed`, `database-folder-closed` (what to chmod)
 */
export async function decideRunAs({ initdb, data }: { initdb: string; data: string }): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { owner: undefined, prefix: [] };
  const owner = await postgresUser();
  const plain: RunAs = { owner, prefix: [] };
  if (await reaches(plain, initdb, data)) return plain;
  const passing: RunAs = { owner, prefix: passThrough(owner) };
  if (await reaches(passing, initdb, data)) return passing;
  throw await closed(owner, [initdb, data]);
}

/** Starts a program as that user, in a process group of its own: Ctrl-C in a terminal must not reach it. */
export function spawnAs(runAs: RunAs, command: readonly string[]): ChildProcess {
  const [program = '', ...args] = [...runAs.prefix, ...command];
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  return spawn(program, args, { ...idsOf(runAs), stdio, detached: true, cwd: '/', env: ENVIRONMENT });
}

/** Neither our secrets nor a stray PG… variable or locale reaches the database server. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * That user with the right to read and search everything, and no other. PostgreSQL asks access(2) about its programs, which
 * leaves capabilities out of account unless no_setuid_fixup is set (capabilities(7)).
 */
function passThrough({ uid, gid }: { uid: number; gid: number }): string[] {
  return [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--no-new-privs',
    '--securebits=+no_setuid_fixup,+no_setuid_fixup_locked',
    '--bounding-set=-all,+dac_read_search',
    '--inh-caps=-all,+dac_read_search',
    '--ambient-caps=-all,+dac_read_search',
    '--',
  ];
}

/** Tries for real: initdb looks for its own programs and files and shows what it found; ls passes through to the data. */
async function reaches(runAs: RunAs, initdb: string, data: string): Promise<boolean> {
  const attempt = async (command: readonly string[]) => {
    const [file = '', ...args] = [...runAs.prefix, ...command];
    await run(file, args, { ...idsOf(runAs), cwd: '/', timeout: LIMIT_MS, env: ENVIRONMENT });
  };
  try {
    await attempt([initdb, '--show', `--pgdata=${data}/none`]);
    await attempt(['ls', '-d', `${data}/.`]);
    return true;
  } catch {
    return false;
  }
}

/** Without setpriv Node changes the user itself; with it the user changes after the capabilities were chosen. */
function idsOf({ owner, prefix }: RunAs): { uid?: number; gid?: number } {
  return owner === undefined || prefix.length > 0 ? {} : owner;
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const found = await lookUp();
  if (found !== undefined) return found;
  await makeUser();
  const made = await lookUp();
  if (made === undefined) throw new CodedError('postgres-user-failed', `cannot find the new user ${USER}`);
  return made;
}

async function lookUp(): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', USER]), run('id', ['-g', USER])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** useradd where there is one, else BusyBox's adduser. */
async function makeUser(): Promise<void> {
  const shell = '/usr/sbin/nologin';
  const attempts: [string, string[]][] = [
    ['useradd', ['--system', '--user-group', '--no-create-home', '--shell', shell, USER]],
    ['adduser', ['-S', '-D', '-H', '-s', '/sbin/nologin', USER]],
  ];
  const failures: string[] = [];
  for (const [program, args] of attempts) {
    try {
      await run(program, args, { timeout: LIMIT_MS });
      return;
    } catch (error) {
      failures.push(messageOf(error).split('\n')[0] ?? '');
    }
  }
  throw new CodedError(
    'postgres-user-failed',
    `PostgreSQL refuses to run as root and user ${USER} cannot be made (${failures.join('; ')}): start switchfleet as another user, or set DATABASE_URL`,
  );
}

async function closed(owner: { uid: number; gid: number }, paths: readonly string[]): Promise<CodedError> {
  const folders = await Promise.all(paths.map((path) => closedFolders(path, owner)));
  const list = [...new Set(folders.flat())];
  const remedy = list.length === 0 ? 'start switchfleet as another user' : `chmod o+x ${list.join(' ')}`;
  return new CodedError(
    'database-folder-closed',
    `under root PostgreSQL runs as user ${USER}, which cannot reach ${paths.join(' or ')}: ${remedy}, or set DATABASE_URL`,
    { details: { folders: list } },
  );
}

async function closedFolders(path: string, owner: { uid: number; gid: number }): Promise<string[]> {
  const found: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) found.unshift(folder);
    if (folder === dirname(folder)) return found;
  }
}
