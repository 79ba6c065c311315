import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { migrate } from '../../../libs/postgres/migrate.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import type { CommandContext } from '../command-context.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url));

/** `switchfleet migrate` */
export function defineMigrateCommand(program: Command, context: CommandContext): void {
  program
    .command('migrate')
    .description('bring the database to the schema of this release')
    .action(() => run(context));
}

async function run(context: CommandContext): Promise<void> {
  const logger = createLogger({ service: 'cli', level: 'warn', destination: process.stderr });
  const connectionString = await context.connectionString();
  const applied = await migrate({ connectionString, directory: MIGRATIONS, logger });
  const line = applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`;
  context.output.result(line, { applied });
}
