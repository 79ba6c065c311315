import type { Bus } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { CodedError, messageOf } from '../../libs/errors/coded-error.ts';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../libs/freeswitch/cdr/kept-variables.ts';
import { isReadHeader } from '../../libs/freeswitch/event/channel-event.ts';
import { createHeaderSieve, type HeaderSieve } from '../../libs/freeswitch/event/header-sieve.ts';
import { createEventReader, type EventReader } from '../../libs/freeswitch/event/read-event.ts';
import { type App, createApp } from '../../libs/http/app.ts';
import { listen } from '../../libs/http/listen.ts';
import type { Health, Service, ServiceFigures, Stoppable } from '../../libs/lifecycle/stoppable.ts';
import { type Database, databaseUrl } from '../../libs/postgres/database.ts';
import { createListener, type Listener } from '../../libs/postgres/listen.ts';
import { createSecretBox } from '../../libs/sealing/secret-box.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { createCollectorMetrics } from './collector-metrics.ts';
import { type CommandLimits, CommandRunner } from './command-runner.ts';
import { addFleetMetrics } from './fleet.ts';
import { FollowedNode, type NodeAddress } from './followed-node.ts';
import { LoadBoard } from './load-board.ts';
import { NodeMemory } from './node-memory.ts';
import { Outbox, type OutboxLimits, type OutboxState } from './outbox.ts';
import { RemovedNodes } from './removed-nodes.ts';
import { watchRivals } from './rivals.ts';
import { Roster } from './roster.ts';
import type { Unfollowing } from './unfollowing.ts';

export interface CollectorDependencies {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  bus: Bus;
  database: Database;
  /** other than the defaults, for tests */
  limits?: { outbox?: Partial<OutboxLimits>; leaseMs?: number; commands?: Partial<CommandLimits> };
}

/** Notified whenever configuration was committed. */
const CONFIG_CHANNEL = 'switchfleet_config';
/** Notified whenever a command to a node is asked for. */
const COMMANDS_CHANNEL = 'switchfleet_node_commands';
const DRAIN_MS = 10_000;

/**
 * Follows the nodes of the fleet over their event sockets and publishes what happens on them. Listens for health and
 * metrics only.
 */
export function createCollectorService(deps: CollectorDependencies): Service {
  return new CollectorService(deps);
}

class CollectorService implements Service {
  readonly name = 'collector';
  port = 0;
  readonly #deps: CollectorDependencies;
  readonly #app: App;
  readonly #nodes = new Map<string, FollowedNode>();
  readonly #outbox: Outbox;
  readonly #loads: LoadBoard;
  readonly #memory: NodeMemory;
  readonly #metrics;
  readonly #roster: Roster;
  readonly #sieve: HeaderSieve;
  readonly #readEvent: EventReader;
  #listener: Listener | undefined;
  #commands: CommandRunner | undefined;
  #rivals: Stoppable | undefined;
  #isStarted = false;

  constructor(deps: CollectorDependencies) {
    const { bus, clock, config, database, logger, limits, metrics } = deps;
    const pool = database.write;
    const instance = config.INSTANCE_ID;
    this.#deps = deps;
    this.#sieve = createHeaderSieve(keptVariables(config.CDR_VARIABLES ?? DEFAULT_KEPT_VARIABLES));
    this.#readEvent = createEventReader((header) => isReadHeader(header, this.#sieve));
    this.#app = createApp({ logger, metrics, health: () => this.health() });
    this.#metrics = createCollectorMetrics(metrics, {
      waiting: () => this.#outbox.waiting,
      waitingBytes: () => this.#outbox.bytes,
      lagSeconds: () => this.#outbox.lagSeconds,
      heartbeatAges: () => this.#heartbeatAges(),
    });
    this.#outbox = new Outbox({
      bus,
      logger,
      ...(limits?.outbox === undefined ? {} : { limits: limits.outbox }),
      onState: (state) => this.#onOutbox(state),
      onPublished: (topic, records) => this.#metrics.published(topic, records),
      onFailure: (topic) => this.#metrics.failure(topic),
    });
    addFleetMetrics({ ...deps, app: this.#app, nodes: this.#nodes });
    this.#loads = new LoadBoard({ bus, clock, logger, onFailure: () => this.#metrics.failure('load') });
    this.#memory = new NodeMemory({ pool, clock, logger, instance });
    this.#roster = new Roster({
      pool,
      logger,
      instance,
      secrets: createSecretBox(config.SECRETS_KEY),
      ...(limits?.leaseMs === undefined ? {} : { leaseMs: limits.leaseMs }),
      onConfigured: (addresses) => {
        this.#memory.addresses = addresses;
      },
      removed: new RemovedNodes({
        ...{ pool, instance, clock, logger, outbox: this.#outbox, metrics: this.#metrics },
      }),
      follow: (node) => this.#follow(node),
      unfollow: (name, reason) => this.#unfollow(name, reason),
    });
  }

  /** Resolves when it knows its nodes; their connections come up on their own. @throws what the database or `listen` says */
  async start(): Promise<void> {
    await this.#roster.start();
    this.#listener = createListener({
      connectionString: databaseUrl(this.#deps.config),
      channels: [CONFIG_CHANNEL, COMMANDS_CHANNEL],
      onNotify: (channel) => (channel === CONFIG_CHANNEL ? this.#roster : this.#commands)?.wake(),
      onReconnect: () => this.#roster.wake(),
      logger: this.#deps.logger,
    });
    this.#commands = this.#runCommands();
    this.#rivals = this.#watchRivals();
    this.#isStarted = true;
    const { HTTP_HOST: host, COLLECTOR_PORT: port } = this.#deps.config;
    this.port = await listen(this.#app, { host, port, tls: this.#deps.config });
    this.#deps.logger.info({ port: this.port }, 'collector works');
  }

  health(): Health {
    const nodes = Object.fromEntries([...this.#nodes].map(([name, { state }]) => [name, state.state]));
    const reasons = this.#isStarted ? [] : ['not started'];
    if (this.#outbox.state !== 'open')
      reasons.push(`the bus is behind: ${this.#outbox.waiting} records wait`);
    return { ready: reasons.length === 0, reasons, details: { nodes, waiting: this.#outbox.waiting } };
  }

  async figures(): Promise<Partial<ServiceFigures>> {
    return { lagRecords: this.#outbox.waiting, lagSeconds: this.#outbox.lagSeconds };
  }

  /** Lets go of the nodes, publishes what waits, and gives the nodes to the others. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    await this.#listener?.stop();
    await this.#commands?.stop();
    await this.#rivals?.stop();
    await this.#roster.stop();
    await Promise.all([...this.#nodes.values()].map((node) => node.stop('its collector was stopped')));
    await this.#loads.stop();
    await this.#app.close();
    const lost = await this.#outbox.drain(DRAIN_MS);
    if (lost > 0) this.#deps.logger.error({ lost }, 'stopped with records that the bus did not take');
    try {
      await this.#roster.release();
    } catch (error) {
      this.#deps.logger.warn(
        { reason: messageOf(error) },
        'leases were not given back and run out by themselves',
      );
    }
  }

  *#heartbeatAges(): Iterable<readonly [string, number]> {
    const nowUs = this.#deps.clock.nowUs();
    for (const [name, { heartbeatUs }] of this.#nodes) {
      if (heartbeatUs !== null) yield [name, (nowUs - heartbeatUs) / 1_000_000];
    }
  }

  #watchRivals(): Stoppable {
    const { bus, clock, config, logger } = this.#deps;
    return watchRivals({
      bus,
      clock,
      logger,
      instance: config.INSTANCE_ID,
      onRival: (node, instance) => void this.#roster.yieldTo(instance, node),
    });
  }

  #runCommands(): CommandRunner {
    const { database, logger, limits } = this.#deps;
    return new CommandRunner({
      pool: database.write,
      logger,
      nodes: () => [...this.#nodes].filter(([, node]) => node.state.state === 'live').map(([name]) => name),
      api: async (name, command, timeoutMs) => {
        const node = this.#nodes.get(name);
        if (node === undefined) throw new CodedError('esl-closed', 'the node was given to another collector');
        return node.api(command, timeoutMs);
      },
      onDone: (command, succeeded) => this.#metrics.command(command, succeeded),
      limits: limits?.commands,
    });
  }

  async #follow(node: NodeAddress): Promise<void> {
    const { clock, logger } = this.#deps;
    const followed = new FollowedNode(node, {
      clock,
      logger,
      outbox: this.#outbox,
      loads: this.#loads,
      memory: this.#memory,
      metrics: this.#metrics,
      sieve: this.#sieve,
      readEvent: this.#readEvent,
      instance: this.#deps.config.INSTANCE_ID,
    });
    this.#nodes.set(node.switchname, followed);
    if (this.#outbox.state === 'held') followed.pause();
  }

  async #unfollow(name: string, reason: Unfollowing | undefined): Promise<void> {
    const node = this.#nodes.get(name);
    this.#nodes.delete(name);
    await node?.stop(reason);
  }

  /** Full: TCP holds the servers back. Full for too long: read on, and drop what a resync can replace. */
  #onOutbox(state: OutboxState): void {
    for (const node of this.#nodes.values()) {
      if (state === 'held') node.pause();
      else node.resume();
    }
  }
}
