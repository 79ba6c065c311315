import { isPlainUuid } from '../freeswitch/leg-uuid.ts';
import type { Variables } from '../records/variables.ts';
import { PARTNER_HEADERS, PARTNER_VARIABLES } from './kept-names.ts';
import { compareText, type Value } from './layers.ts';

/** Another leg's uuid and the first moment it was named. */
export type Partner = readonly [uuid: string, at_us: number];

/** FreeSWITCH writes one a bridge: a bound for legs that stay up all day. The earliest named are kept. */
export const MAX_PARTNERS = 256;

/** What is shorter is no leg's. */
const SHORTEST_UUID = 8;

/** `<epoch>:<id>:uuid_br:<other leg>`; the second field is the transfer's own id, not a leg. */
const BRIDGED_BY_UUID = /^\d+:[^:]*:uuid_br:(.+)$/;

export function valuesOf(value: Value | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** The legs that variables name, but for the leg itself. */
export function partnersInVariables(own: string, variables: Variables): Set<string> {
  const found = new Set<string>();
  for (const name of PARTNER_VARIABLES) {
    if (!Object.hasOwn(variables, name)) continue;
    for (const value of valuesOf(variables[name])) addPartner(found, own, uuidIn(name, value));
  }
  return found;
}

/** The legs that an event's headers name, but for the leg itself. */
export function partnersInHeaders(own: string, headers: Readonly<Record<string, string>>): Set<string> {
  const found = new Set<string>();
  for (const name of PARTNER_HEADERS) addPartner(found, own, headers[name]);
  return found;
}

export function addPartner(found: Set<string>, own: string, uuid: string | undefined): void {
  if (uuid === undefined || uuid === own || uuid.length < SHORTEST_UUID) return;
  if (isPlainUuid(uuid)) found.add(uuid);
}

/** `originated_legs` is `uuid;name;number`, an old transfer history may be one text of several entries joined by `|:`. */
function uuidIn(name: string, value: string): string | undefined {
  if (name === 'originated_legs') return value.split(';', 1)[0];
  if (name === 'transfer_history') return BRIDGED_BY_UUID.exec(value)?.[1];
  return value;
}

/** Both, each uuid at its first mention, the earliest MAX_PARTNERS of them by (moment, uuid). */
export function mergePartners(a: readonly Partner[], b: readonly Partner[]): readonly Partner[] {
  if (b.length === 0) return a;
  const first = new Map(a);
  let isChanged = a.length === 0;
  for (const [uuid, at] of b) {
    const known = first.get(uuid);
    if (known !== undefined && known <= at) continue;
    first.set(uuid, at);
    isChanged = true;
  }
  if (!isChanged) return a;
  return [...first].sort((x, y) => x[1] - y[1] || compareText(x[0], y[0])).slice(0, MAX_PARTNERS);
}
