import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { openBus } from '../../libs/bus/open-bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { type Config, loadConfig } from '../../libs/config/config.ts';
import { schemeOf } from '../../libs/http/scheme.ts';
import { runProcess } from '../../libs/lifecycle/run-process.ts';
import { type Service, type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { createSignInLink } from '../../libs/sign-in/session.ts';
import { reportStatus } from '../../libs/store/service-status-writer.ts';
import { createLogger, type Logger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createApiService } from '../api/service.ts';
import { createCollectorService } from '../collector/service.ts';
import { createDirectoryService } from '../directory/service.ts';
import { createMergerService } from '../merger/service.ts';
import { createRoutingService } from '../routing/service.ts';
import { createWriterService } from '../writer/service.ts';
import { announce } from './announce.ts';
import { createCdrInThread } from './cdr-service.ts';
import { type Credentials, connectLines, type Endpoints } from './connect-lines.ts';
import { openOwnDatabase } from './database.ts';
import { isJournal } from './journal.ts';
import { refuseForeignOwner } from './owner.ts';
import { connectFileOf, keepDatabaseUrl, openSecrets, type Secrets, writePrivate } from './secrets.ts';

const MIGRATIONS = resolve(import.meta.dirname, '../../migrations');

/**
 * All of switchfleet in one process: its own database, the bus, every service. Stops what it started when a part cannot start,
 * and at the first step after a signal.
 */
async function start(signal: AbortSignal): Promise<Stoppable> {
  const started: Stoppable[] = [];
  try {
    // A person reads this terminal: only what needs them is logged, unless LOG_LEVEL says more.
    await startParts(loadConfig(undefined, { LOG_LEVEL: 'warn' }), { started, signal });
  } catch (error) {
    await stopAll(started).catch(() => undefined);
    throw error;
  }
  return { stop: () => stopAll(started) };
}

interface Progress {
  /** what runs already, and is to be stopped */
  started: Stoppable[];
  signal: AbortSignal;
}

async function startParts(environment: Config, { started, signal }: Progress): Promise<void> {
  const dataDir = resolve(environment.DATA_DIR);
  const logger = createLogger({ service: 'standalone', level: environment.LOG_LEVEL });
  await refuseForeignOwner(dataDir);
  const own = await openOwnDatabase({ ...environment, DATA_DIR: dataDir }, logger, signal);
  started.push(own);
  void own.failed.then((error) => {
    throw error;
  });
  const secrets = await openSecrets(dataDir);
  await keepDatabaseUrl(dataDir, secrets, own.connectionString);
  const config = withSecrets(
    { ...environment, DATA_DIR: dataDir, DATABASE_URL: own.connectionString },
    secrets,
  );
  await migrate({ connectionString: own.connectionString, directory: MIGRATIONS, logger, signal });

  signal.throwIfAborted();
  const shared = await openShared(config, logger, started);
  const services = createServices(config, shared);
  await startServices(services, { config, shared, logger, started, signal });

  const endpoints = endpointsOf(config, services);
  const connect = connectLines(endpoints, credentialsOf(config, secrets));
  const connectFile = connectFileOf(dataDir);
  // A first start that failed half way has made the secrets, but shown them to nobody.
  const wasShown = existsSync(connectFile);
  const isKept = isJournal(config.JOURNAL_STREAM);
  const signInSecret = isKept ? undefined : await createSignInLink(shared.database.write, config.API_TOKEN);
  // Before that file is there: the next start shows its lines once, when this one does not.
  signal.throwIfAborted();
  await writePrivate(connectFile, connect.map(({ file, lines }) => `--- ${file}\n${lines}\n`).join('\n'));
  const bus =
    shared.bus.kind === 'kafka' ? `Kafka at ${config.KAFKA_BROKERS?.join(', ')}` : 'in the database';
  // Whoever has stopped reading, or keeps it on a full disk, needs the services all the same.
  process.stdout.on('error', () => undefined);
  process.stdout.write(
    announce({
      dataDir,
      database: own.description,
      bus,
      endpoints,
      services,
      signInSecret,
      connect: wasShown || isKept ? undefined : connect,
      connectFile,
    }),
  );
}

/** What all services of this process use together. */
async function openShared(config: Config, logger: Logger, started: Stoppable[]) {
  const metrics = createMetrics('standalone');
  const clock = createClock({ began: config.CLOCK_START, rate: config.CLOCK_RATE });
  const database = openDatabase({ config, logger, metrics });
  started.push(database);
  const bus = await openBus({ config, logger, metrics, clock });
  started.push({ stop: () => bus.close() });
  return { metrics, clock, database, bus };
}

type Shared = Awaited<ReturnType<typeof openShared>>;

const DRAINING = ['directory', 'routing', 'cdr'];

/** In the order they start: consumers first, so that nothing the edges take in has to wait. */
function createServices(config: Config, { metrics, ...shared }: Shared): Service[] {
  // The services that wait for DRAIN_MS when they stop do so one after the other here: they share the time.
  const drainMs = Math.floor(config.DRAIN_MS / DRAINING.length);
  const parts = (service: string) => ({
    ...shared,
    config: DRAINING.includes(service) ? { ...config, DRAIN_MS: drainMs } : config,
    logger: createLogger({ service, level: config.LOG_LEVEL }),
    metrics: createMetrics(service, { sharesProcess: true }),
  });
  return [
    createWriterService(parts('writer')),
    createMergerService(parts('merger')),
    // the figures of the shared bus and pools are seen at the api's /metrics
    createApiService({ ...parts('api'), metrics }),
    createDirectoryService(parts('directory')),
    createRoutingService({ ...parts('routing'), sharesEventLoop: true }),
    createCdrInThread(parts('cdr')),
    createCollectorService(parts('collector')),
  ];
}

interface Starting extends Progress {
  config: Config;
  shared: Shared;
  logger: Logger;
}

async function startServices(
  services: readonly Service[],
  { config, shared, logger, started, signal }: Starting,
): Promise<void> {
  const { clock, database } = shared;
  for (const service of services) {
    signal.throwIfAborted();
    // before it starts: one that fails half way has parts to stop, too
    started.push(service);
    await service.start();
    started.push(
      reportStatus({ service, instance: config.INSTANCE_ID, pool: database.write, clock, logger }),
    );
  }
}

/** What the environment does not set comes from the data directory. */
function withSecrets(config: Config, secrets: Secrets): Config & { API_TOKEN: string } {
  return {
    ...config,
    FREESWITCH_PASSWORD: config.FREESWITCH_PASSWORD ?? secrets.freeswitchPassword,
    KAMAILIO_PASSWORD: config.KAMAILIO_PASSWORD ?? secrets.kamailioPassword,
    API_TOKEN: config.API_TOKEN ?? secrets.apiToken,
    SECRETS_KEY: config.SECRETS_KEY ?? secrets.secretsKey,
  };
}

/** What FreeSWITCH and Kamailio send, and the password of the event sockets. */
function credentialsOf(config: Config, secrets: Secrets): Credentials {
  return {
    freeswitch: {
      username: config.FREESWITCH_USERNAME,
      password: config.FREESWITCH_PASSWORD ?? secrets.freeswitchPassword,
    },
    kamailio: {
      username: config.KAMAILIO_USERNAME,
      password: config.KAMAILIO_PASSWORD ?? secrets.kamailioPassword,
    },
    eslPassword: secrets.eslPassword,
  };
}

function endpointsOf(config: Config, services: readonly Service[]): Endpoints {
  const portOf = (name: string, configured: number) =>
    services.find((service) => service.name === name)?.port ?? configured;
  return {
    scheme: schemeOf(config),
    host: config.PUBLIC_HOST,
    api: portOf('api', config.API_PORT),
    directory: portOf('directory', config.DIRECTORY_PORT),
    cdr: portOf('cdr', config.CDR_PORT),
    routing: portOf('routing', config.ROUTING_PORT),
  };
}

await runProcess(start);
