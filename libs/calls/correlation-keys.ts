import type { Leg } from './leg.ts';

/** Legs that share a key are of one call. `month` bounds how long a key is looked for, and when it may be forgotten. */
export interface CorrelationKey {
  month: string;
  key: string;
}

/** A Call-ID joins by a rule of its own, so its key tells which leg had it. */
export interface CallIdKey extends CorrelationKey {
  uuid: string;
  direction: 'inbound' | 'outbound';
  start_us: number;
}

export interface CorrelationKeys {
  keys: readonly CorrelationKey[];
  callIds: readonly CallIdKey[];
}

export interface Trust {
  /** whether an address is one of our proxies or nodes */
  isKnownPeer: (ip: string) => boolean;
}

type Correlated = Pick<
  Leg,
  | 'uuid'
  | 'direction'
  | 'start_us'
  | 'end_us'
  | 'ended_by'
  | 'last_event_us'
  | 'partners'
  | 'sip_call_id'
  | 'peer_ip'
  | 'correlation_id'
>;

/** A leg is looked for at least as long as this after its start: CDRs alone name their partners, and clocks are apart. */
const REACH_US = 24 * 3_600_000_000;

/** Beyond the third month of a leg nothing new joins it: nobody talks so long, but a clock may be wrong by years. */
const MAX_MONTHS = 3;

/** A proxy forks or fails over within a transaction's life; a Call-ID that is used again later is another call's. */
export const CALL_ID_REACH_US = 180_000_000;

/** The keys of one leg. A Call-ID and a header are callers' text; uuids are not. */
export function correlationKeys(leg: Correlated, trust: Trust): CorrelationKeys {
  const months = monthsOf(leg.start_us, lastUsOf(leg));
  const names = [`leg:${leg.uuid}`, ...leg.partners.map((uuid) => `leg:${uuid}`), ...headerKeys(leg, trust)];
  const { sip_call_id, direction } = leg;
  return {
    keys: months.flatMap((month) => names.map((key) => ({ month, key }))),
    callIds:
      sip_call_id === null || direction === null
        ? []
        : monthsOf(leg.start_us).map((month) => ({
            month,
            key: `sip:${sip_call_id}`,
            uuid: leg.uuid,
            direction,
            start_us: leg.start_us,
          })),
  };
}

/**
 * The header counts only on an inbound leg that came from a proxy or node of ours. On an outbound leg it is a copy of its
 * originator's, to which the uuid joins it anyway, and its addresses are the answering peer's: it never counts there.
 */
function headerKeys(leg: Correlated, { isKnownPeer }: Trust): string[] {
  const isTrusted = leg.direction === 'inbound' && leg.peer_ip !== null && isKnownPeer(leg.peer_ip);
  return isTrusted && leg.correlation_id !== null ? [`header:${leg.correlation_id}`] : [];
}

/** Whether two holders of one Call-ID are the two ends of one SIP dialog. */
export function isCallIdPair(
  a: Pick<CallIdKey, 'direction' | 'start_us'>,
  b: Pick<CallIdKey, 'direction' | 'start_us'>,
): boolean {
  return a.direction !== b.direction && Math.abs(a.start_us - b.start_us) <= CALL_ID_REACH_US;
}

/** The last that a leg itself said; what is known of its node is no word of it, and may be taken back. */
function lastUsOf({ end_us, ended_by, last_event_us }: Correlated): number {
  return ended_by === 'cdr' ? Math.max(last_event_us, end_us ?? 0) : last_event_us;
}

/**
 * The months in which a leg may meet others of its call, `2026-11-01`: from that of its start to that of what it said last
 * (`lastUs`), or to the next one where that is less than a day away; three at the most.
 */
function monthsOf(startUs: number, lastUs = startUs): readonly string[] {
  const untilUs = Math.max(startUs + REACH_US, lastUs);
  const start = new Date(startUs / 1000);
  const firstOf = (months: number) => Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months, 1);
  return Array.from({ length: MAX_MONTHS }, (_, at) => firstOf(at))
    .filter((ms) => ms * 1000 <= untilUs)
    .map((ms) => new Date(ms).toISOString().slice(0, 10));
}
