import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { CloneCopy } from './clone.sql.ts';

/** Copies in one transaction, by COPY out of PostgreSQL and into it again, then says so by `done`. @throws Error when a psql fails */
export async function copyClones(
  connectionString: string,
  copies: readonly CloneCopy[],
  done: string,
): Promise<void> {
  const writer = spawnPsql(connectionString, ['--single-transaction', '--file', '-']);
  const ended = once(writer, 'close');
  for (const { select, into } of copies) {
    writer.stdin.write(`copy ${into} from stdin;\n`);
    const reader = spawnPsql(connectionString, ['--command', `copy (${select}) to stdout`]);
    const read = once(reader, 'close');
    await pipeline(reader.stdout, writer.stdin, { end: false });
    await read;
    assertWell(reader);
    writer.stdin.write('\\.\n');
  }
  writer.stdin.end(`${done};\n`);
  await ended;
  assertWell(writer);
}

function spawnPsql(connectionString: string, args: readonly string[]) {
  const options = ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', ...args, connectionString];
  return spawn('psql', options, { stdio: ['pipe', 'pipe', 'inherit'] });
}

function assertWell({ exitCode }: ChildProcess): void {
  if (exitCode !== 0) throw new Error(`psql ended with ${exitCode}`);
}
