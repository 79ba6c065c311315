import type { Clock } from '../../clock/clock.ts';
import { CodedError, codeOf, messageOf } from '../../errors/coded-error.ts';
import type { Stoppable } from '../../lifecycle/stoppable.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { RawEvent } from '../event/channel-event.ts';
import type { EventReader } from '../event/read-event.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import { ClockOffset } from './clock-offset.ts';
import { Heartbeat } from './heartbeat.ts';
import { EslSession, type SessionEnd, type SessionLimits } from './session.ts';
import { SilenceWatch } from './silence-watch.ts';

export type SupervisedState =
  | 'connecting'
  | 'syncing'
  | 'live'
  | 'stale'
  | 'down'
  | 'refused'
  | 'duplicate-switchname';

/** A connection's state, why, and since when (our clock, microseconds). On `down` it is the last sign of life: the close, or before a silence. */
export interface StateChange {
  state: SupervisedState;
  reason: string;
  atUs: number;
}

export interface SuperviseOptions {
  host: string;
  port: number;
  /** asked for at each attempt; when it throws the node is refused with that reason */
  password: () => string;
  clock: Clock;
  logger: Logger;
  /** how events are read; whole by default. Event-Name and Event-Date-Timestamp are needed here */
  readEvent?: EventReader;
  limits?: Partial<SessionLimits>;
  /** between attempts, in the clock's time */
  backoff?: Backoff;
  /** after a refusal, which does not get better by itself */
  refusedRetry?: Backoff;
  random?: () => number;
}

export interface SuperviseHandlers {
  /**
   * Logged in: subscribe, and ask what must be known; when it resolves the node is live.
   * Rejecting with `esl-refused` or `duplicate-switchname` gives that state, anything else is `down`.
   */
  onSync(session: EslSession): Promise<void>;
  /** every event, also while syncing; `receivedUs` in our clock */
  onEvent(event: RawEvent, receivedUs: number): void;
  onState(change: StateChange): void;
  /** an event was lost: it could not be read, or `onEvent` threw */
  onFault(error: unknown): void;
}

const BACKOFF: Backoff = { firstMs: 1_000, longestMs: 30_000 };
const REFUSED_RETRY: Backoff = { firstMs: 60_000, longestMs: 60_000 };

/** Keeps one connection to a node's event socket, for ever, until stopped. */
export function superviseNode(options: SuperviseOptions, handlers: SuperviseHandlers): NodeSupervisor {
  return new NodeSupervisor(options, handlers);
}

export class NodeSupervisor implements Stoppable {
  readonly #options: SuperviseOptions;
  readonly #handlers: SuperviseHandlers;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #change: StateChange;
  #session: EslSession | undefined;
  #watch: SilenceWatch | undefined;
  #heartbeat = new Heartbeat();
  #offset = new ClockOffset();
  #paused = false;

  constructor(options: SuperviseOptions, handlers: SuperviseHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#change = { state: 'connecting', reason: 'first attempt', atUs: options.clock.nowUs() };
    handlers.onState(this.#change);
    this.#running = this.#run();
  }

  get state(): StateChange {
    return this.#change;
  }

  /** Node clock minus ours, microseconds; undefined before the first event of a connection. */
  get clockOffsetUs(): number | undefined {
    return this.#offset.us;
  }

  /** @throws CodedError `esl-closed` when not connected, else as EslSession.api */
  async api(command: string, timeoutMs?: number): Promise<string> {
    if (this.#session === undefined) throw new CodedError('esl-closed', 'this node is not connected');
    return this.#session.api(command, timeoutMs);
  }

  /** Holds the server back by TCP until `resume`; a connection opened meanwhile is held back too, once it is live. */
  pause(): void {
    this.#paused = true;
    // replies come over the same socket, so syncing is never held back
    if (this.#change.state !== 'live' && this.#change.state !== 'stale') return;
    this.#watch?.pause();
    this.#session?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#watch?.resume();
    this.#session?.resume();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#session?.close('stopped');
    await this.#running;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const { wasLive, end } = await this.#connectOnce();
      if (this.#stopping.signal.aborted) return;
      failures = wasLive ? 0 : failures;
      const waitMs = this.#waitMs(end, failures);
      failures += 1;
      await this.#options.clock.sleep(waitMs, this.#stopping.signal).catch(() => undefined);
    }
  }

  /** One connection from its opening to its end. Never rejects. */
  async #connectOnce(): Promise<{ wasLive: boolean; end: SessionEnd }> {
    let wasLive = false;
    try {
      const session = await this.#open();
      this.#set('syncing', 'logged in');
      await this.#sync(session);
      wasLive = true;
      this.#set('live', 'follows the event stream');
      if (this.#paused) this.pause();
      const end = await session.closed;
      this.#ended(end);
      return { wasLive, end };
    } catch (error) {
      const end = endOf(error);
      this.#ended(end);
      return { wasLive, end };
    } finally {
      this.#watch?.stop();
      this.#watch = undefined;
      this.#session = undefined;
    }
  }

  async #open(): Promise<EslSession> {
    const { host, port, limits, readEvent, clock } = this.#options;
    const password = this.#readPassword();
    const session = await EslSession.open(
      { host, port, password, limits, readEvent },
      {
        onEvent: (event) => this.#onEvent(event),
        onFault: (error) => this.#handlers.onFault(error),
        onBytes: () => this.#onBytes(),
      },
    );
    this.#session = session;
    this.#heartbeat = new Heartbeat();
    this.#offset = new ClockOffset();
    this.#watch = new SilenceWatch(clock, this.#heartbeat, {
      onSilence: (silentUs) => void this.#onSilence(session, silentUs),
    });
    if (this.#stopping.signal.aborted) session.close('stopped');
    return session;
  }

  #readPassword(): string {
    try {
      return this.#options.password();
    } catch (cause) {
      throw new CodedError('esl-refused', 'the password of its event socket cannot be read', { cause });
    }
  }

  async #sync(session: EslSession): Promise<void> {
    try {
      await this.#askTime(session);
      await this.#handlers.onSync(session);
    } catch (error) {
      session.close(messageOf(error));
      throw error;
    }
  }

  /** A first idea of the node's clock: a quiet node may send no event for a while. Needs mod_dptools, as every dialplan does. */
  async #askTime(session: EslSession): Promise<void> {
    const nodeUs = Number(await session.api('strmicroepoch'));
    if (Number.isSafeInteger(nodeUs) && nodeUs > 0) this.#offset.sample(nodeUs, this.#options.clock.nowUs());
  }

  #onEvent(event: RawEvent): void {
    const receivedUs = this.#options.clock.nowUs();
    const stampUs = Number(event['Event-Date-Timestamp']);
    if (Number.isSafeInteger(stampUs)) {
      this.#offset.sample(stampUs, receivedUs);
      if (event['Event-Name'] === 'HEARTBEAT') this.#onHeartbeat(stampUs);
    }
    this.#handlers.onEvent(event, receivedUs);
  }

  #onHeartbeat(stampUs: number): void {
    this.#heartbeat.beat(stampUs);
    this.#watch?.beat();
  }

  #onBytes(): void {
    this.#watch?.byte();
    if (this.#change.state === 'stale') this.#set('live', 'heard again');
  }

  /** A question decides: no answer within the time limit of a command, and the connection is given up. */
  async #onSilence(session: EslSession, silentUs: number): Promise<void> {
    if (this.#change.state !== 'live') return;
    const seconds = (silentUs / 1_000_000).toFixed(1);
    this.#set('stale', `nothing heard for ${seconds} s; asking`, this.#watch?.lastByteUs);
    try {
      await session.api('uptime s');
    } catch (error) {
      session.close(`nothing heard for ${seconds} s, and no answer when asked (${messageOf(error)})`);
    }
  }

  #ended(end: SessionEnd): void {
    if (this.#stopping.signal.aborted) return;
    if (end.code === 'esl-refused') this.#set('refused', end.reason);
    else if (end.code === 'duplicate-switchname') this.#set('duplicate-switchname', end.reason);
    else this.#set('down', end.reason, this.#lastSignUs());
  }

  /** What is down stays down since it went down, and a silent one since it fell silent: the lost-node timeout counts from there. */
  #lastSignUs(): number | undefined {
    const { state, atUs } = this.#change;
    return state === 'down' || state === 'stale' ? atUs : undefined;
  }

  #waitMs(end: SessionEnd, failures: number): number {
    const { backoff = BACKOFF, refusedRetry = REFUSED_RETRY, random } = this.#options;
    const slowly = end.code === 'esl-refused' || end.code === 'duplicate-switchname';
    return backoffMs(failures, slowly ? refusedRetry : backoff, random);
  }

  #set(state: SupervisedState, reason: string, atUs: number = this.#options.clock.nowUs()): void {
    if (this.#change.state === state && this.#change.reason === reason) return;
    this.#change = { state, reason, atUs };
    this.#options.logger.info(
      { state, reason, host: this.#options.host, port: this.#options.port },
      'node state',
    );
    this.#handlers.onState(this.#change);
  }
}

function endOf(error: unknown): SessionEnd {
  const code = codeOf(error);
  const known = code === 'esl-refused' || code === 'duplicate-switchname' || code === 'esl-unreachable';
  return { code: known ? code : 'esl-closed', reason: messageOf(error) };
}
