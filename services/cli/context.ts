import type { Config } from '../../libs/config/config.ts';
import { CodedError } from '../../libs/errors/coded-error.ts';
import { checkDatabase, openDatabase } from '../../libs/postgres/database.ts';
import { createSecretBox } from '../../libs/sealing/secret-box.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import type { CommandContext } from './command-context.ts';
import { createOutput, type OutputStreams } from './output.ts';
import { readStandaloneFiles } from './standalone-files.ts';

/** Makes the context of one run of the command. */
export function createContext(config: Config, streams: OutputStreams): CommandContext {
  const standalone = () => readStandaloneFiles(config.DATA_DIR);

  async function connectionString(): Promise<string> {
    const found = config.DATABASE_URL ?? (await standalone()).connectionString;
    if (found !== undefined) return found;
    throw new CodedError(
      'database-not-found',
      `set DATABASE_URL, or start standalone first: ${config.DATA_DIR} has no database yet`,
    );
  }

  async function withDatabase<T>(
    work: (database: ReturnType<typeof openDatabase>) => Promise<T>,
  ): Promise<T> {
    const DATABASE_URL = await connectionString();
    const logger = createLogger({ service: 'cli', level: 'silent' });
    const database = openDatabase({ config: { ...config, DATABASE_URL, DATABASE_POOL_SIZE: 2 }, logger });
    try {
      await checkDatabase(database);
      return await work(database);
    } finally {
      await database.stop();
    }
  }

  return {
    config,
    output: createOutput(streams),
    connectionString,
    withDatabase,
    secretBox: async () => createSecretBox(config.SECRETS_KEY ?? (await standalone()).secretsKey),
    standaloneEslPassword: async () => (await standalone()).eslPassword,
    standaloneFreeswitchPassword: async () => (await standalone()).freeswitchPassword,
  };
}
