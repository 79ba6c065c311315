import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, codeOf } from '../../libs/errors/coded-error.ts';

/** What a standalone keeps in its data directory that the command line needs. */
export interface StandaloneFiles {
  /** its embedded database, which runs only while it does; undefined before its first start */
  connectionString: string | undefined;
  secretsKey: string | undefined;
  eslPassword: string | undefined;
  freeswitchPassword: string | undefined;
}

/** Reads them; what is not there is undefined. @throws CodedError `data-directory-unreadable` */
export async function readStandaloneFiles(dataDirectory: string): Promise<StandaloneFiles> {
  const read = (name: string) => readOptional(join(dataDirectory, name));
  const [port, password, secretsText] = await Promise.all([
    read('postgres.port'),
    read('postgres.password'),
    read('secrets.json'),
  ]);
  const secrets = secretsText === undefined ? {} : parseSecrets(dataDirectory, secretsText);
  return {
    connectionString: secrets['databaseUrl'] ?? embeddedUrl(port, password),
    secretsKey: secrets['secretsKey'],
    eslPassword: secrets['eslPassword'],
    freeswitchPassword: secrets['freeswitchPassword'],
  };
}

/** Before the first start has finished, the database's own files say where it is. */
function embeddedUrl(port: string | undefined, password: string | undefined): string | undefined {
  if (port === undefined || password === undefined) return undefined;
  return `postgres://postgres:${encodeURIComponent(password.trim())}@127.0.0.1:${port.trim()}/switchfleet`;
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new CodedError('data-directory-unreadable', `cannot read ${path}`, { cause });
  }
}

function parseSecrets(dataDirectory: string, text: string): Record<string, string> {
  try {
    return JSON.parse(text);
  } catch {
    throw new CodedError('data-directory-unreadable', `${join(dataDirectory, 'secrets.json')} is not JSON`);
  }
}
