import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../libs/clock/clock.ts';
import { answerApi } from './api-answers.ts';
import { ChannelTable } from './channel-table.ts';
import { EslServer } from './esl-server.ts';
import { heartbeatHeaders, type SessionLimits } from './heartbeat.ts';
import { FREESWITCH_LIMITS, type QueueLimits } from './listener-queue.ts';
import { NodeCore, type NodeName } from './node-core.ts';
import { RegistrationTable } from './registration-table.ts';
import type { SimulatedEvent } from './simulated-event.ts';

export interface NodeOptions extends NodeName {
  /** Where mod_event_socket listens; port 0 takes a free one. */
  host: string;
  port: number;
  password: string;
  clock: Clock;
  limits?: QueueLimits | undefined;
  sessionLimits?: SessionLimits | undefined;
  /** HEARTBEATs of its own, every so many ms of the clock; 0 (the recorded ones suffice) is the default. */
  heartbeatMs?: number | undefined;
}

/** How many `api` and `bgapi` commands are remembered for tests to look at. */
const COMMANDS_KEPT = 1_000;

/** A fake FreeSWITCH server as its operators see it: an event socket, live channels, and ways to die. */
export class SimulatedNode {
  readonly switchname: string;
  readonly host: string;
  readonly password: string;
  readonly limits: QueueLimits;
  readonly channels: ChannelTable;
  readonly registrations: RegistrationTable;
  /** Events that this holds for happen, but never reach a listener: nothing, unless a test says otherwise. */
  loses: (event: SimulatedEvent) => boolean = () => false;
  /** Told of every event at the moment at which it happens; its own times may lie up to a second before. */
  onEvent: (event: SimulatedEvent) => void = () => undefined;
  /** The last commands that clients sent. */
  readonly commands: string[] = [];
  readonly #options: NodeOptions;
  readonly #server: EslServer;
  readonly #answers = new Map<string, string>();
  #core: NodeCore;
  #port: number;
  #up = false;
  #paused = false;
  #cancelHeartbeat: (() => void) | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.switchname = options.switchname;
    this.host = options.host;
    this.password = options.password;
    this.limits = options.limits ?? FREESWITCH_LIMITS;
    this.#port = options.port;
    this.channels = new ChannelTable(options.switchname);
    this.registrations = new RegistrationTable(options.switchname);
    this.#server = new EslServer(this);
    this.#core = new NodeCore(options, options.clock);
  }

  get port(): number {
    return this.#port;
  }

  get core(): NodeCore {
    return this.#core;
  }

  get isUp(): boolean {
    return this.#up;
  }

  /** Clients that listen to events now. */
  get subscribers(): number {
    return this.#server.subscribers;
  }

  get counts(): { sent: number; lost: number; sessions: number } {
    return this.#server.counts;
  }

  /** Events that wait for the slowest listener. */
  get backlog(): number {
    return this.#server.backlog;
  }

  /** Starts the process: a new core unless one is given. The port stays the same over restarts. */
  async start(core?: { uuid?: string; startedUs?: number; version?: string }): Promise<void> {
    if (this.#up) return;
    this.#core = new NodeCore(this.#options, this.#options.clock, core);
    this.channels.clear();
    this.registrations.clear();
    this.#port = await this.#server.listen(this.host, this.#port);
    this.#up = true;
    this.#beatLater();
  }

  /** Sends an event to whoever listens, and lets it change what `show channels` and `show registrations` answer. */
  emit(event: SimulatedEvent): void {
    if (!this.#up) return;
    this.onEvent(event);
    this.channels.apply(event);
    if (event.name === 'CUSTOM') this.registrations.apply(event);
    if (!this.loses(event)) this.#server.emit(event);
  }

  /** Closes the connections of all clients, as FreeSWITCH does with a listener that lost too much; the node goes on. */
  disconnect(): void {
    this.#server.disconnect();
  }

  /** Makes `api COMMAND` answer this from now on. */
  answer(command: string, reply: string): void {
    this.#answers.set(command, reply);
  }

  /** Neither reads nor writes on any socket, old or new, until `resume`. */
  stall(): void {
    this.#server.stall();
  }

  resume(): void {
    this.#server.resume();
  }

  /** kill -9: sockets close without a word (FIN). */
  kill(): Promise<void> {
    return this.#end('kill');
  }

  /** As `kill`, with a TCP reset. */
  reset(): Promise<void> {
    return this.#end('reset');
  }

  /** SIGTERM: SHUTDOWN, a disconnect notice, FIN. */
  shutdown(): Promise<void> {
    this.emit(this.#core.event('SHUTDOWN', [['Event-Info', 'System Shutting Down']]));
    return this.leave();
  }

  /** As `shutdown` where the recording already holds the SHUTDOWN event. */
  leave(): Promise<void> {
    return this.#end('shutdown');
  }

  /** Ends the process in the given way, and starts another core. */
  async restart(how: 'kill' | 'shutdown' = 'kill'): Promise<void> {
    await this[how]();
    await this.start();
  }

  /** Ends it for good. */
  stop(): Promise<void> {
    return this.#end('kill');
  }

  api(command: string): string {
    this.#remember(command);
    return this.#answers.get(command.trim()) ?? answerApi(this.#facts(), command);
  }

  background(command: string, jobUuid: string = randomUUID()): string {
    this.#remember(command);
    const result = this.#answers.get(command.trim()) ?? answerApi(this.#facts(), command);
    const [name = '', ...rest] = command.trim().split(' ');
    setImmediate(() =>
      this.emit(
        this.#core.event('BACKGROUND_JOB', [
          ['Job-UUID', jobUuid],
          ['Job-Command', name],
          ...(rest.length === 0 ? [] : [['Job-Command-Arg', rest.join(' ')] as const]),
          ['Content-Length', String(result.length)],
          ['_body', result],
        ]),
      ),
    );
    return jobUuid;
  }

  async #end(how: 'shutdown' | 'kill' | 'reset'): Promise<void> {
    this.#up = false;
    this.#cancelHeartbeat?.();
    await this.#server.close(how);
  }

  #facts() {
    return {
      name: this.#options,
      core: this.#core,
      channels: this.channels,
      registrations: this.registrations,
      limits: this.#sessionLimits,
      paused: this.#paused,
      setPaused: (paused: boolean) => {
        this.#paused = paused;
      },
    };
  }

  get #sessionLimits(): SessionLimits {
    return this.#options.sessionLimits ?? { sessions: 1000, perSecond: 100 };
  }

  #remember(command: string): void {
    this.commands.push(command);
    if (this.commands.length > COMMANDS_KEPT) this.commands.shift();
  }

  #beatLater(): void {
    const { heartbeatMs = 0, clock } = this.#options;
    if (heartbeatMs <= 0) return;
    this.#cancelHeartbeat = clock.after(heartbeatMs, () => {
      this.emit(this.#heartbeat());
      this.#beatLater();
    });
  }

  #heartbeat(): SimulatedEvent {
    const { uptimeUs, version } = this.#core;
    const { channels } = this;
    return this.#core.event(
      'HEARTBEAT',
      heartbeatHeaders({ channels, limits: this.#sessionLimits, uptimeUs, version }),
    );
  }
}
