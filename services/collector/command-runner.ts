import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../libs/errors/coded-error.ts';
import { hasSucceeded, toApiCommand } from '../../libs/freeswitch/node-command.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import {
  expireNodeCommands,
  finishNodeCommand,
  forgetNodeCommands,
  type TakenCommand,
  takeNodeCommands,
} from '../../libs/store/node-command.sql.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';

export interface CommandRunnerOptions {
  pool: Pool;
  logger: Logger;
  /** the nodes that this instance is connected to just now */
  nodes: () => string[];
  /** runs `api COMMAND` on a node */
  api: (node: string, command: string, timeoutMs: number) => Promise<string>;
  onDone: (command: string, succeeded: boolean) => void;
  limits?: Partial<CommandLimits> | undefined;
}

/** Milliseconds of real time, as commands are compared with the database's clock. */
export interface CommandLimits {
  /** how long a node may take to answer */
  runMs: number;
  /** after this, a command that was taken and not finished is taken again */
  abandonedMs: number;
  /** after this, a command that nobody could run is given up */
  expireMs: number;
  /** between two looks when nobody wakes us */
  pollMs: number;
}

const LIMITS: CommandLimits = { runMs: 10_000, abandonedMs: 30_000, expireMs: 60_000, pollMs: 2_000 };
const KEPT_DAYS = 30;
const LONGEST_REPLY = 2_000;

/**
 * Runs the commands in `node_commands` for the nodes that this instance is connected to, each node's in their order, and
 * writes down what the node answered. Without the database nothing is run: commands come from there.
 */
export class CommandRunner implements Stoppable {
  readonly #options: CommandRunnerOptions;
  readonly #limits: CommandLimits;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #wake = Promise.withResolvers<void>();
  #hasFailed = false;

  constructor(options: CommandRunnerOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#running = this.#run();
  }

  /** A command was asked for: look now. */
  wake(): void {
    this.#wake.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const ran = await this.#look();
        this.#hasFailed = false;
        if (ran > 0) continue;
      } catch (error) {
        if (!this.#hasFailed)
          this.#options.logger.warn({ reason: messageOf(error) }, 'cannot look for commands to nodes');
        this.#hasFailed = true;
      }
      await this.#rest();
    }
  }

  async #rest(): Promise<void> {
    const { signal } = this.#stopping;
    const interval = sleep(this.#limits.pollMs, undefined, { signal }).catch(() => undefined);
    await Promise.race([interval, this.#wake.promise]);
    this.#wake = Promise.withResolvers();
  }

  /** @returns how many commands were run */
  async #look(): Promise<number> {
    const { pool, nodes } = this.#options;
    const { abandonedMs, expireMs } = this.#limits;
    const taken = await takeNodeCommands(pool, { nodes: nodes(), abandonedMs });
    await Promise.all(taken.map((command) => this.#perform(command)));
    const reply = `not run within ${expireMs / 1000} s: no collector is connected to the node`;
    const expired = await expireNodeCommands(pool, { afterMs: expireMs, abandonedMs, reply });
    if (expired > 0) await forgetNodeCommands(pool, KEPT_DAYS);
    return taken.length;
  }

  async #perform({ id, node, command, argument }: TakenCommand): Promise<void> {
    const { pool, logger, onDone } = this.#options;
    const { succeeded, reply } = await this.#ask(node, command, argument);
    onDone(command, succeeded);
    logger.info({ id, node, command, argument, succeeded }, 'a command to a node was run');
    await finishNodeCommand(pool, { id, succeeded, reply });
  }

  async #ask(
    node: string,
    command: string,
    argument: string | null,
  ): Promise<{ succeeded: boolean; reply: string }> {
    try {
      const reply = await this.#options.api(node, toApiCommand(command, argument), this.#limits.runMs);
      return { succeeded: hasSucceeded(reply), reply: textOf(reply) };
    } catch (error) {
      return { succeeded: false, reply: textOf(messageOf(error)) };
    }
  }
}

/** PostgreSQL's text takes no NUL. */
function textOf(reply: string): string {
  return reply.replaceAll('\0', '').trim().slice(0, LONGEST_REPLY);
}
