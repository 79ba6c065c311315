import { isIPv6 } from 'node:net';
import type { TrunkChoice } from './answer.ts';
import type { TrunkRoute } from './entities.ts';
import type { RoutingState } from './routing-state.ts';
import type { TrunkRow } from './tables/trunks.ts';

export interface TrunkCandidate {
  /** E.164 with the plus, or an emergency number */
  number: string;
  route: TrunkRoute;
  trunk: TrunkRow;
}

/** How a call leaves by a trunk; undefined: the node that is registered with the carrier cannot carry it. */
export function trunkChoice(
  state: RoutingState,
  { number, route, trunk }: TrunkCandidate,
): TrunkChoice | undefined {
  const sent = sentNumber(number, route);
  const carrier = hostOf(trunk);
  const registrar = registrarUri(state, trunk);
  if (trunk.registers_on !== null && registrar === undefined) return undefined;
  return {
    trunk: trunk.key,
    route: route.id,
    prefix: route.prefix,
    priority: route.priority,
    weight: route.weight,
    number: sent,
    caller_id: route.callerIdRewrite ?? null,
    uri: `sip:${userPart(sent)}@${carrier}`,
    dst_uri: registrar ?? `sip:${carrier}`,
    node: registrar === undefined ? null : trunk.registers_on,
    codecs: trunk.codecs,
    cost_per_minute: route.costPerMinute ?? null,
  };
}

/** A node that fell silent while others are heard may be gone: whom it is registered with is asked after all others. */
export function silentLast({ load, nowUs }: RoutingState, trunks: TrunkChoice[]): TrunkChoice[] {
  const isSilent = ({ node }: TrunkChoice) =>
    node !== null && load.figures(node, nowUs).freshness === 'stale';
  if (!trunks.some(isSilent)) return trunks;
  return [...trunks.filter((trunk) => !isSilent(trunk)), ...trunks.filter(isSilent)];
}

/**
 * `strip` digits are taken from the front of the E.164 digits and `prepend` is put there; a route that does neither
 * sends E.164 with its plus.
 */
export function sentNumber(
  number: string,
  { strip, prepend }: Pick<TrunkRoute, 'strip' | 'prepend'>,
): string {
  if (strip === 0 && prepend === '') return number;
  return `${prepend}${number.replace(/^\+/, '').slice(strip)}`;
}

/** What may stand in the user part of a SIP URI as it is (RFC 3261 25.1), but for what servers read as an end of it. */
const NOT_IN_A_USER = /[^A-Za-z0-9_.!~*'()&=+$,-]/u;
const ALL_NOT_IN_A_USER = new RegExp(NOT_IN_A_USER, 'gu');

/** The user part of a SIP URI, the rest escaped: what a caller dialled as `%20` or `%22` came to us as plain text. */
export function userPart(user: string): string {
  if (!NOT_IN_A_USER.test(user)) return user;
  return user.replace(ALL_NOT_IN_A_USER, (character) => encodeURIComponent(character.toWellFormed()));
}

function hostOf({ host, port, transport }: TrunkRow): string {
  const name = isIPv6(host) ? `[${host}]` : host;
  return `${name}:${port}${transport === 'udp' ? '' : `;transport=${transport}`}`;
}

function registrarUri({ model }: RoutingState, trunk: TrunkRow): string | undefined {
  if (trunk.registers_on === null) return undefined;
  const node = model.fleet.node(trunk.registers_on);
  return node === undefined || node.state === 'disabled' ? undefined : (node.sip_uri ?? undefined);
}
