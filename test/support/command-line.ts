import { CommanderError } from 'commander';
import { type Environment, loadConfig } from '../../libs/config/config.ts';
import type { Database } from '../../libs/postgres/database.ts';
import { createSecretBox } from '../../libs/sealing/secret-box.ts';
import type { CommandContext } from '../../services/cli/command-context.ts';
import { createOutput } from '../../services/cli/output.ts';
import { createProgram } from '../../services/cli/program.ts';

/**
 * Runs `switchfleet ARGS` in this process, on this database and with these variables; gives what it printed.
 * @throws what the command throws
 */
export function commandLine(database: Database, connectionString: string, variables: Environment = {}) {
  return async (...args: string[]): Promise<string> => {
    const written: string[] = [];
    const out = { write: (text: string | Buffer) => written.push(String(text)) };
    const context: CommandContext = {
      config: loadConfig(variables),
      output: createOutput({ out, err: out }),
      connectionString: async () => connectionString,
      withDatabase: (work) => work(database),
      secretBox: async () => createSecretBox('0'.repeat(64)),
      standaloneEslPassword: async () => undefined,
      standaloneFreeswitchPassword: async () => undefined,
    };
    const program = createProgram(context).exitOverride();
    try {
      await program.parseAsync(args, { from: 'user' });
    } catch (error) {
      if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
    }
    return written.join('');
  };
}
