import type { NodeEvent } from '../records/node-event.ts';

/** What is known of one run of a FreeSWITCH process, from all that collectors said about it. */
export interface CoreFate {
  node: string;
  core_uuid: string;
  /** another core took its place: all of its legs are gone */
  isReplaced: boolean;
  /** the last moment it was certainly alive: connected, or its socket closing; 0 when never seen */
  alive_us: number;
  /** every moment at which a connection to it was lost: a leg without a hangup event lived on until then, oldest first */
  lost_us: readonly number[];
  /** set while the last thing said is that the node is down: when its socket closed, and when a collector said so */
  down: { at_us: number; received_us: number } | null;
  /** every known set of its channels, oldest first */
  resyncs: readonly ChannelSet[];
}

export interface ChannelSet {
  at_us: number;
  uuids: ReadonlySet<string>;
}

/** States in which a collector hears the node. */
const HEARD = new Set(['syncing', 'live', 'stale']);

/**
 * Folds everything that was said about one core (the order of `events` means nothing). `down` without a core is said of
 * all cores of its node: pass it for each.
 */
export function foldCore(
  identity: Pick<CoreFate, 'node' | 'core_uuid'>,
  events: readonly NodeEvent[],
): CoreFate {
  const heard = events.filter((event) => isHeard(event, identity.core_uuid));
  const heardUs = Math.max(0, ...heard.map(({ at_us }) => at_us));
  const down = firstDownAfter(heardUs, events);
  return {
    ...identity,
    isReplaced: isReplaced(identity.core_uuid, events),
    alive_us: Math.max(heardUs, down?.core_uuid === identity.core_uuid ? down.at_us : 0),
    lost_us: lossesOf(identity.core_uuid, events),
    down: down === undefined ? null : { at_us: down.at_us, received_us: down.received_us },
    resyncs: resyncsOf(identity.core_uuid, events),
  };
}

/**
 * A process that ended never comes back, and another one has another core. So a core that is heard after another took its
 * place, or whose place was taken by an earlier one, belongs to a second server of the same name: both live, and neither
 * ends the other's legs.
 */
function isReplaced(core: string, events: readonly NodeEvent[]): boolean {
  const changes = events.filter((event) => event.kind === 'core-changed');
  return changes
    .filter(({ old_core_uuid }) => old_core_uuid === core)
    .some(({ core_uuid: other, at_us }) => {
      const isBack = events.some((event) => isHeard(event, core) && event.at_us > at_us);
      const wasBefore = changes.some(
        (change) => change.old_core_uuid === other && change.core_uuid === core && change.at_us < at_us,
      );
      return !isBack && !wasBefore;
    });
}

function isHeard(event: NodeEvent, core: string): boolean {
  if (event.kind === 'state') return HEARD.has(event.state) && event.core_uuid === core;
  return event.core_uuid === core;
}

/** A collector that goes on failing to connect may say `down` again: the socket closed at the first. */
function firstDownAfter(heardUs: number, events: readonly NodeEvent[]) {
  return events
    .filter((event) => event.kind === 'state')
    .filter(({ state, at_us }) => state === 'down' && at_us >= heardUs)
    .sort((a, b) => a.at_us - b.at_us || a.received_us - b.received_us)[0];
}

function lossesOf(core: string, events: readonly NodeEvent[]): readonly number[] {
  const states = events
    .filter((event) => event.kind === 'state')
    .filter(({ state, core_uuid }) => core_uuid === core && (state === 'down' || HEARD.has(state)))
    .sort((a, b) => a.at_us - b.at_us || Number(a.state === 'down') - Number(b.state === 'down'));
  return states
    .filter(({ state }, at) => state === 'down' && states[at - 1]?.state !== 'down')
    .map(({ at_us }) => at_us);
}

function resyncsOf(core: string, events: readonly NodeEvent[]): readonly ChannelSet[] {
  return events
    .filter((event) => event.kind === 'resync')
    .filter(({ core_uuid }) => core_uuid === core)
    .sort((a, b) => a.at_us - b.at_us)
    .map(({ at_us, uuids }) => ({ at_us, uuids: new Set(uuids) }));
}
