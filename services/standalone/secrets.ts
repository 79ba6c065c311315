import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, codeOf } from '../../libs/errors/coded-error.ts';

/** What standalone generates at its first start and keeps in DATA_DIR/secrets.json, readable by its owner only. */
export interface Secrets {
  freeswitchPassword: string;
  kamailioPassword: string;
  apiToken: string;
  /** 32 bytes in hex: encrypts ESL passwords and disk snapshots */
  secretsKey: string;
  /** the password printed for event_socket.conf.xml, and what `node add` takes by default */
  eslPassword: string;
}

const NAMES = ['freeswitchPassword', 'kamailioPassword', 'apiToken', 'secretsKey', 'eslPassword'] as const;

function generate(): Secrets {
  const word = () => randomBytes(18).toString('base64url');
  return {
    freeswitchPassword: word(),
    kamailioPassword: word(),
    apiToken: word(),
    secretsKey: randomBytes(32).toString('hex'),
    eslPassword: word(),
  };
}

/**
 * Reads the secrets of a data directory, or makes them at the first start.
 * @throws CodedError `secrets-unreadable` when the file is there but cannot be used, `secrets-missing` when it is gone and its lines
 *   were given out: making new ones would lock every server out
 */
export async function openSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new CodedError('secrets-unreadable', `cannot read ${path}`, { cause });
  });
  if (text !== undefined) return parse(path, text);
  refuseLost(path, connectFileOf(dataDir));
  const secrets = generate();
  await writeJson(path, secrets);
  return secrets;
}

/** The file of `dataDir` that holds the lines for FreeSWITCH and Kamailio once they were given out. */
export function connectFileOf(dataDir: string): string {
  return join(dataDir, 'connect.txt');
}

function refuseLost(path: string, connectFile: string): void {
  if (!existsSync(connectFile)) return;
  throw new CodedError(
    'secrets-missing',
    `${path} is gone, and servers use what it held: restore it from a backup. ` +
      `To make new ones all the same, remove ${connectFile}: every server needs the new lines then, and every stored ESL and trunk password is lost`,
  );
}

/** Keeps the running database's address beside the secrets, where the `switchfleet` command of this machine finds it. */
export async function keepDatabaseUrl(dataDir: string, secrets: Secrets, databaseUrl: string): Promise<void> {
  await writeJson(join(dataDir, 'secrets.json'), { ...secrets, databaseUrl });
}

function parse(path: string, text: string): Secrets {
  let value: Partial<Secrets>;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CodedError('secrets-unreadable', `${path} is not JSON; restore it from a backup`);
  }
  const missing = NAMES.find((name) => typeof value[name] !== 'string' || value[name] === '');
  if (missing !== undefined) {
    throw new CodedError('secrets-unreadable', `${path} has no ${missing}; restore it from a backup`);
  }
  return value as Secrets;
}

async function writeJson(path: string, value: object): Promise<void> {
  await writePrivate(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes a file that only its owner can read, whole or not at all. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}
