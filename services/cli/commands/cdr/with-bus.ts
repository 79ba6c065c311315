import type { Bus } from '../../../../libs/bus/bus.ts';
import { openBus } from '../../../../libs/bus/open-bus.ts';
import { type Clock, createClock } from '../../../../libs/clock/clock.ts';
import type { Database } from '../../../../libs/postgres/database.ts';
import { createLogger } from '../../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import type { CommandContext } from '../../command-context.ts';

/** What a command that publishes works with. */
export interface Store {
  bus: Bus;
  database: Database;
  clock: Clock;
}

/** Opens the database and the bus that the services use, for one piece of work. @throws CodedError those of both */
export async function withStore<T>(context: CommandContext, work: (store: Store) => Promise<T>): Promise<T> {
  const clock = createClock();
  const DATABASE_URL = await context.connectionString();
  return context.withDatabase(async (database) => {
    const logger = createLogger({ service: 'cli', level: 'error', destination: process.stderr });
    const config = { ...context.config, DATABASE_URL };
    const bus = await openBus({ config, logger, metrics: createMetrics('cli'), clock });
    try {
      return await work({ bus, database, clock });
    } finally {
      await bus.close();
    }
  });
}
