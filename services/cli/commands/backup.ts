import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { backUp } from '../../../libs/postgres/embedded/backup.ts';
import type { CommandContext } from '../command-context.ts';
import { createProgress } from '../progress.ts';

/** `switchfleet backup` */
export function defineBackupCommand(program: Command, context: CommandContext): void {
  program
    .command('backup')
    .description("copy standalone's data while it works: its database and its secrets")
    .argument('<folder>', 'is made; standalone starts from it with DATA_DIR=<folder>')
    .action((folder: string) => run(context, resolve(folder)));
}

async function run(context: CommandContext, target: string): Promise<void> {
  const { DATA_DIR, DATABASE_URL } = context.config;
  if (DATABASE_URL !== undefined) {
    throw new CodedError(
      'backup-not-ours',
      'DATABASE_URL is set: back that database up with pg_basebackup or its own tools',
    );
  }
  const connectionString = await context.connectionString();
  const progress = createProgress(process.stderr);
  const onFile = (files: number) => progress.count(files, 'files copied');
  const { files } = await backUp({ connectionString, dataDirectory: resolve(DATA_DIR), target, onFile });
  progress.end();
  context.output.result(`copied ${files} files to ${target}: keep it as closed as the data itself`, {
    files,
    folder: target,
  });
}
