import type { Command } from 'commander';
import { messageOf } from '../../../../libs/errors/coded-error.ts';
import { readVersion } from '../../../../libs/lifecycle/version.ts';
import type { Database } from '../../../../libs/postgres/database.ts';
import { listServiceStatus } from '../../../../libs/store/service-status.ts';
import { createLogger } from '../../../../libs/telemetry/logger.ts';
import type { CommandContext } from '../../command-context.ts';
import { writeBundle } from './bundle.ts';
import { exitCodeOf, type Finding, type Gathered, toLine } from './check.ts';
import { checkConfiguration } from './configuration-check.ts';
import { checkDatabase } from './database-check.ts';
import { readDatabaseFacts } from './database-facts.ts';
import { checkKafka } from './kafka-check.ts';
import { readKafkaFacts } from './kafka-facts.ts';
import { checkKamailio, readKamailioFacts } from './kamailio-check.ts';
import { checkNode } from './node-check.ts';
import { readNodeFacts } from './node-facts.ts';
import { checkServices } from './service-check.ts';

/** `switchfleet doctor [--bundle FILE]`: what is wrong, one line each, and what to do. Exits 1 when something failed. */
export function defineDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('check configuration, database, Kafka, services, nodes and Kamailios; say what to do')
    .option('--bundle <file>', 'also write what was found to a file for support (gzipped JSON, no secrets)')
    .action((options: { bundle?: string }) => run(context, options.bundle));
}

async function run(context: CommandContext, bundle: string | undefined): Promise<void> {
  const facts = await gather(context);
  const all = judge(context, facts);
  for (const finding of all) context.output.result(toLine(finding), { ...finding });
  if (bundle !== undefined) {
    const secrets = await storedSecrets(context);
    const content = { version: readVersion(), node: process.version, findings: all, facts };
    await writeBundle(bundle, content, { config: context.config, secrets });
    context.output.result(`wrote ${bundle}`, { bundle });
  }
  process.exitCode = exitCodeOf(all);
}

type Facts = Awaited<ReturnType<typeof gather>>;

function judge(
  { config }: CommandContext,
  { database, kafka, services, nodes, kamailios }: Facts,
): Finding[] {
  return [
    ...checkConfiguration(config),
    ...checkDatabase(database),
    ...checkKafka(kafka),
    ...checkServices(services, readVersion()),
    ...('value' in nodes ? nodes.value.flatMap(checkNode) : []),
    ...('value' in kamailios ? kamailios.value.flatMap(checkKamailio) : []),
  ];
}

/** All facts; each that cannot be had says why, and the others are still gathered. */
async function gather(context: CommandContext) {
  const { config } = context;
  const logger = createLogger({ service: 'cli', level: 'silent' });
  const ask = <T>(read: (database: Database) => Promise<T>) =>
    gathered(() => context.withDatabase((database) => read(database)));
  const [database, kafka, services, nodes, kamailios] = await Promise.all([
    ask((opened) => readDatabaseFacts(opened, config)),
    config.KAFKA_BROKERS === undefined ? undefined : gathered(() => readKafkaFacts(config, logger)),
    ask(({ write }) => listServiceStatus(write)),
    ask(({ write }) => readNodeFacts(write, () => context.secretBox())),
    ask(({ write }) => readKamailioFacts(write)),
  ]);
  return { database, kafka, services, nodes, kamailios };
}

async function gathered<T>(read: () => Promise<T>): Promise<Gathered<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** What standalone made and keeps in its folder. */
async function storedSecrets(context: CommandContext): Promise<string[]> {
  const own = [
    await context.connectionString().catch(() => undefined),
    await context.standaloneEslPassword().catch(() => undefined),
    await context.standaloneFreeswitchPassword().catch(() => undefined),
  ];
  return own.flatMap((secret) => secret ?? []);
}
