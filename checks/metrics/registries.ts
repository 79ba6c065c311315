import type { Bus } from '../../libs/bus/bus.ts';
import { watchBus } from '../../libs/bus/bus-figures.ts';
import { createKafkaMetrics } from '../../libs/bus/kafka/metrics.ts';
import { createBusMetrics } from '../../libs/bus/postgres/metrics.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { showExpiry } from '../../libs/http/tls-listener.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { createPartitionKeeper } from '../../libs/postgres/partition-keeper.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics, type Registry } from '../../libs/telemetry/metrics.ts';
import { createApiApp } from '../../services/api/api-app.ts';
import { createCdrService } from '../../services/cdr/service.ts';
import { createCollectorService } from '../../services/collector/service.ts';
import { createDirectoryService } from '../../services/directory/service.ts';
import { createMergerMetrics } from '../../services/merger/merger-metrics.ts';
import { createMergerService } from '../../services/merger/service.ts';
import { createRoutingService } from '../../services/routing/service.ts';
import { createWriterService } from '../../services/writer/service.ts';
import { createWriterMetrics } from '../../services/writer/writer-metrics.ts';

const config = loadConfig({
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  SECRETS_KEY: '00'.repeat(32),
  FREESWITCH_PASSWORD: 'none',
  KAMAILIO_PASSWORD: 'none',
  API_TOKEN: 'none',
});

/** Answers nothing: the services are made and never started. */
const noBus: Bus = {
  kind: 'kafka',
  publish: async () => undefined,
  subscribe: async () => ({ stop: async () => undefined, lag: async () => [] }),
  follow: async () => ({ stop: async () => undefined, lag: async () => [] }),
  groupLag: async () => [],
  check: async () => undefined,
  close: async () => undefined,
};

/** What every service registers, by service: each as in fleet mode, but for the PostgreSQL bus, which stands apart. */
export async function serviceRegistries(): Promise<Map<string, Registry>> {
  const logger = createLogger({ service: 'none', level: 'silent' });
  const clock = createClock();
  const made = new Map<string, Registry>();
  const add = (service: string, register: (deps: Deps) => unknown, hasBus = true) => {
    const metrics = createMetrics(service);
    const database = openDatabase({ config, logger, metrics });
    showExpiry(metrics, () => ({ subject: '', expiresAt: 0 }));
    if (hasBus) {
      createKafkaMetrics(metrics);
      watchBus(noBus, metrics);
    }
    register({ config, logger, clock, metrics, bus: noBus, database });
    made.set(service, metrics);
  };
  const apiRoutes: Promise<unknown>[] = [];
  add('api', ({ database, metrics }) => {
    const health = () => ({ ready: true, reasons: [] });
    // its routes, and what they count, are made when they are about to be used
    const app = createApiApp({ token: undefined, pool: database.read, health, logger, metrics });
    apiRoutes.push(Promise.resolve(app.ready()));
  });
  await Promise.all(apiRoutes);
  add('directory', createDirectoryService, false);
  add('routing', createRoutingService);
  add('cdr', createCdrService);
  add('collector', createCollectorService);
  add('writer', (deps) => {
    createWriterMetrics(deps.metrics);
    return createWriterService(deps);
  });
  add('merger', (deps) => {
    createMergerMetrics(deps.metrics);
    createPartitionKeeper({ pool: deps.database.write, tables: [], logger, metrics: deps.metrics });
    return createMergerService(deps);
  });
  const postgresBus = createMetrics('the PostgreSQL bus', { sharesProcess: true });
  createBusMetrics(postgresBus);
  return made.set('the PostgreSQL bus', postgresBus);
}

interface Deps {
  config: typeof config;
  logger: ReturnType<typeof createLogger>;
  clock: ReturnType<typeof createClock>;
  metrics: Registry;
  bus: Bus;
  database: ReturnType<typeof openDatabase>;
}
