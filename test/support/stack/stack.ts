import { startKafka } from './kafka-server.ts';
import { startPostgres } from './postgres-server.ts';
import { openTestDatabases, type TestDatabaseAddress, type TestDatabases } from './test-databases.ts';
import type { TestServer } from './test-server.ts';

/** The real servers of one test run, each started when it is first asked for. */
export interface Stack {
  /** Broker addresses. @throws AggregateError when this machine can have no Kafka */
  brokers(): Promise<string[]>;
  createDatabase(options: { migrated: boolean }): Promise<TestDatabaseAddress>;
  /** Gives a database back; a kept one stays as long as its server. */
  releaseDatabase(name: string, options: { keep: boolean }): Promise<void>;
  stop(): Promise<void>;
}

interface Postgres {
  server: TestServer;
  databases: TestDatabases;
}

/** Makes the stack of one run; `report` prints one line for a person. */
export function createStack(environment: NodeJS.ProcessEnv, report: (line: string) => void): Stack {
  let kafka: Promise<TestServer> | undefined;
  let postgres: Promise<Postgres> | undefined;

  function useKafka(): Promise<TestServer> {
    kafka ??= startKafka(environment).then(announce);
    return kafka;
  }

  function usePostgres(): Promise<Postgres> {
    postgres ??= startPostgres(environment).then((server) => {
      announce(server);
      return { server, databases: openTestDatabases(server.address) };
    });
    return postgres;
  }

  function announce(server: TestServer): TestServer {
    report(`${server.origin} is ready`);
    return server;
  }

  async function stopPostgres(): Promise<void> {
    const started = await postgres?.catch(() => undefined);
    if (started === undefined) return;
    const { kept } = await started.databases.close();
    await started.server.stop({ keepData: kept.length > 0 });
    if (kept.length > 0) report(`databases of failed tests: ${kept.join(' ')} (${started.server.keptHint})`);
  }

  async function stopKafka(): Promise<void> {
    const server = await kafka?.catch(() => undefined);
    await server?.stop({ keepData: false });
  }

  return {
    brokers: async () => (await useKafka()).address.split(','),
    createDatabase: async (options) => (await usePostgres()).databases.create(options),
    releaseDatabase: async (name, { keep }) => {
      const { databases } = await usePostgres();
      if (keep) databases.keep(name);
      else await databases.drop(name);
    },
    stop: async () => {
      await Promise.allSettled([stopPostgres(), stopKafka()]);
    },
  };
}
