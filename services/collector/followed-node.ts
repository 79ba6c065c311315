import type { Clock } from '../../libs/clock/clock.ts';
import { codeOf, messageOf } from '../../libs/errors/coded-error.ts';
import type { EslSession, SessionLimits } from '../../libs/freeswitch/esl/session.ts';
import {
  type NodeSupervisor,
  type StateChange,
  superviseNode,
} from '../../libs/freeswitch/esl/supervise-node.ts';
import { type RawEvent, toChannelEvent } from '../../libs/freeswitch/event/channel-event.ts';
import type { HeaderSieve } from '../../libs/freeswitch/event/header-sieve.ts';
import type { EventReader } from '../../libs/freeswitch/event/read-event.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import type { NodeState } from '../../libs/records/node-event.ts';
import type { NodeLoad } from '../../libs/records/node-load.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { CollectorMetrics } from './collector-metrics.ts';
import { type HeartbeatFigures, NO_FIGURES, readHeartbeat, readSessionCount } from './heartbeat-figures.ts';
import { identify } from './identity.ts';
import { LiveSessions } from './live-sessions.ts';
import type { LoadBoard } from './load-board.ts';
import { MissedEnds } from './missed-ends.ts';
import { NodeCore } from './node-core.ts';
import { NodeJournal } from './node-journal.ts';
import type { NodeMemory } from './node-memory.ts';
import type { Outbox } from './outbox.ts';
import { ownAddress } from './own-address.ts';
import { toRegistrationSets } from './registration-sets.ts';
import { fromRegistrationRow, toRegistrationEvent } from './registrations.ts';
import { type ResyncReason, ResyncTimer } from './resync-timer.ts';
import { type Api, dumpLegs, show, showChannels } from './snapshot.ts';
import { subscribeCommand } from './subscription.ts';
import type { Unfollowing } from './unfollowing.ts';

/** A node with what it takes to log in. */
export interface NodeAddress {
  switchname: string;
  host: string;
  port: number;
  /** gives the password, or throws why it can't */
  password: () => string;
}

export interface FollowDependencies {
  clock: Clock;
  logger: Logger;
  outbox: Outbox;
  loads: LoadBoard;
  memory: NodeMemory;
  metrics: CollectorMetrics;
  /** what is kept of an event of a leg */
  sieve: HeaderSieve;
  readEvent: EventReader;
  /** INSTANCE_ID of this collector */
  instance: string;
  limits?: Partial<SessionLimits> | undefined;
}

/** Follows one node: its state, its core, its legs, its registrations and its load become records. */
export class FollowedNode implements Stoppable {
  readonly #address: NodeAddress;
  readonly #deps: FollowDependencies;
  readonly #journal: NodeJournal;
  readonly #core: NodeCore;
  readonly #sessions = new LiveSessions();
  readonly #supervisor: NodeSupervisor;
  #figures: HeartbeatFigures = NO_FIGURES;
  #heartbeatUs: number | null = null;
  readonly #resyncTimer: ResyncTimer;
  readonly #missedEnds = new MissedEnds();

  constructor(address: NodeAddress, deps: FollowDependencies) {
    const { clock, limits, metrics, readEvent } = deps;
    this.#address = address;
    this.#deps = deps;
    this.#journal = new NodeJournal(address.switchname, deps.outbox, metrics);
    this.#core = new NodeCore({
      ...{ node: address.switchname, journal: this.#journal, memory: deps.memory, outbox: deps.outbox },
      moment: () => this.#moment(clock.nowUs()),
    });
    this.#resyncTimer = new ResyncTimer(clock, (reason) => void this.#resyncNow(reason));
    const logger = deps.logger.child({ node: address.switchname });
    const { host, port, password } = address;
    this.#supervisor = superviseNode(
      { host, port, password, clock, logger, readEvent, ...(limits === undefined ? {} : { limits }) },
      {
        onSync: (session) => this.#sync(session),
        onEvent: (event, receivedUs) => this.#onEvent(event, receivedUs),
        onState: (change) => this.#onState(change),
        onFault: (error) => this.#onFault(error),
      },
    );
  }

  get state(): StateChange {
    return this.#supervisor.state;
  }

  /** Receipt of the last heartbeat in our clock, microseconds. */
  get heartbeatUs(): number | null {
    return this.#heartbeatUs;
  }

  /** The last known figures of the node. */
  get load(): NodeLoad {
    return this.#load();
  }

  api(command: string, timeoutMs?: number): Promise<string> {
    return this.#supervisor.api(command, timeoutMs);
  }

  pause(): void {
    this.#supervisor.pause();
  }

  resume(): void {
    this.#supervisor.resume();
    if (this.#journal.hasGap) this.#resyncTimer.soon();
  }

  /**
   * Stops following. The node itself may be well: nothing is said about its legs, and without a reason nothing at all, as
   * another collector speaks of it already. One that was removed is down for us: nobody hears of it again, so that its legs
   * would live for ever.
   */
  async stop(reason?: Unfollowing): Promise<void> {
    this.#resyncTimer.stop();
    await this.#supervisor.stop();
    if (reason !== undefined)
      this.#writeState(
        reason === 'removed' ? 'down' : 'connecting',
        `not followed: ${reason}`,
        this.#deps.clock.nowUs(),
      );
    this.#deps.metrics.state(this.#address.switchname, undefined);
    this.#deps.loads.forget(this.#address.switchname);
    this.#deps.memory.forget(this.#address.switchname);
  }

  async #sync(session: EslSession): Promise<void> {
    const api: Api = (command, timeoutMs) => session.api(command, timeoutMs);
    const coreUuid = (await api('global_getvar core_uuid')).trim();
    await identify(api, { ...this.#address, coreUuid, memory: this.#deps.memory });
    const own = await ownAddress(api, session.remoteAddress);
    void this.#deps.memory.reached(this.#address.switchname, own);
    await session.command(subscribeCommand());
    if (await this.#core.meet(coreUuid)) this.#sessions.clear();
    await this.#resyncIfAble(api, coreUuid, 'gap');
    this.#resyncTimer.confirm();
  }

  /** Publishes the exact set of channels and of registrations, and adopts the legs that nobody told us of. */
  async #resync(api: Api, coreUuid: string, reason: ResyncReason): Promise<void> {
    this.#journal.hasGap = false;
    // the moment of the question: a leg that begins while the answer is written is younger than the set
    const moment = this.#moment(this.#deps.clock.nowUs());
    const uuids = await showChannels(api);
    this.#journal.node({ kind: 'resync', core_uuid: coreUuid, uuids, ...moment });
    this.#deps.metrics.resync(this.#address.switchname);
    const { unknown, gone } = this.#sessions.replace(uuids);
    // a busy node has always begun some that the set does not show yet
    if (gone > 0 && reason === 'gap') this.#resyncTimer.confirm();
    this.#markLoad();
    await dumpLegs(api, unknown, (event) => this.#onLegEvent(event, this.#deps.clock.nowUs()));
    await this.#resyncRegistrations(api, coreUuid);
  }

  async #resyncRegistrations(api: Api, coreUuid: string): Promise<void> {
    const { at_us: atUs } = this.#moment(this.#deps.clock.nowUs());
    const source = { node: this.#address.switchname, coreUuid, atUs, offsetUs: this.#offsetUs() ?? 0 };
    const rows = await show(api, 'registrations');
    const registrations = rows
      .map((row) => fromRegistrationRow(row, source))
      .filter((registration) => registration !== undefined);
    for (const registration of registrations) this.#journal.registration(registration);
    for (const set of toRegistrationSets(registrations, source)) this.#journal.registrationSet(set);
  }

  #onEvent(event: RawEvent, receivedUs: number): void {
    this.#deps.metrics.event(this.#address.switchname);
    const registration = toRegistrationEvent(event, this.#address.switchname, this.#offsetUs());
    if (registration !== undefined) this.#journal.registration(registration);
    else if (event['Event-Name'] === 'HEARTBEAT') this.#onHeartbeat(event, receivedUs);
    else this.#onLegEvent(event, receivedUs);
  }

  #onLegEvent(raw: RawEvent, receivedUs: number): void {
    const event = toChannelEvent(raw, { receivedUs, sieve: this.#deps.sieve });
    if (event === undefined) return;
    if (event.event_name === 'CHANNEL_HANGUP_COMPLETE') this.#deps.metrics.legEnded(this.#address.switchname);
    const isTold = this.#journal.channel(event);
    if (this.#sessions.apply(event)) this.#markLoad();
    if (!isTold) this.#sessions.missed(event.uuid);
  }

  #onHeartbeat(event: RawEvent, receivedUs: number): void {
    this.#figures = readHeartbeat(event);
    this.#heartbeatUs = receivedUs;
    this.#deps.metrics.offset(this.#address.switchname, this.#supervisor.clockOffsetUs);
    this.#markLoad();
    this.#compareSessions(readSessionCount(event));
  }

  #compareSessions(counted: number | undefined): void {
    const known = this.#sessions.count;
    if (!this.#missedEnds.areLikely(counted, known)) return;
    const { switchname: node } = this.#address;
    this.#deps.logger.warn({ node, counted, known }, 'the end of a leg was missed');
    this.#resyncTimer.soon();
  }

  #onState({ state, reason, atUs }: StateChange): void {
    this.#deps.metrics.state(this.#address.switchname, state);
    this.#writeState(state, reason, atUs);
  }

  #onFault(err: unknown): void {
    this.#deps.metrics.fault(this.#address.switchname);
    this.#deps.logger.warn({ err, node: this.#address.switchname }, 'an event was lost');
    this.#resyncTimer.soon();
  }

  async #resyncNow(reason: ResyncReason): Promise<void> {
    const { uuid } = this.#core;
    if (uuid === null || this.state.state !== 'live') return;
    const api: Api = (command, timeoutMs) => this.#supervisor.api(command, timeoutMs);
    await this.#resyncIfAble(api, uuid, reason).catch(() => undefined);
  }

  /**
   * A server that cannot tell its channels now (it runs without its database, or that is busy) is followed all the same, as
   * its events come: it is asked again and again. @throws when the connection is over: the next one begins with this
   */
  async #resyncIfAble(api: Api, coreUuid: string, reason: ResyncReason): Promise<void> {
    try {
      await this.#resync(api, coreUuid, reason);
    } catch (error) {
      this.#journal.hasGap = true;
      this.#deps.metrics.resyncFailure(this.#address.switchname);
      this.#deps.logger.warn({ reason: messageOf(error) }, 'resync failed');
      if (isOver(error)) throw error;
      this.#resyncTimer.again();
    }
  }

  #writeState(state: NodeState, reason: string, atUs: number): void {
    this.#journal.node({
      kind: 'state',
      state,
      reason,
      // A process that has just let us in may be another one than before: it has not said yet which it is.
      core_uuid: state === 'connecting' || state === 'syncing' ? null : this.#core.uuid,
      clock_offset_us: this.#offsetUs() ?? null,
      ...this.#moment(atUs),
    });
  }

  /** Our time in the node's clock, and the time of writing. */
  #moment(atUs: number): { at_us: number; received_us: number } {
    return { at_us: atUs + (this.#offsetUs() ?? 0), received_us: this.#deps.clock.nowUs() };
  }

  /** The first state is reported while the supervisor is being made. */
  #offsetUs(): number | undefined {
    return this.#supervisor?.clockOffsetUs;
  }

  #markLoad(): void {
    this.#deps.loads.mark(this.#address.switchname, () => this.#load());
  }

  #load(): NodeLoad {
    return {
      v: 1,
      node: this.#address.switchname,
      core_uuid: this.#core.uuid,
      collector: this.#deps.instance,
      clock_offset_us: this.#offsetUs() ?? null,
      at_us: this.#deps.clock.nowUs(),
      heartbeat_us: this.#heartbeatUs,
      sessions: this.#sessions.count,
      trunks: this.#sessions.byTrunk(),
      pins: this.#sessions.byPin(),
      ...this.#figures,
    };
  }
}

function isOver(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'esl-closed' || code === 'esl-unreachable';
}
