import { foldName } from '../../../libs/freeswitch/xml/name.ts';
import { toE164 } from '../../../libs/numbering/e164.ts';
import type { DidTarget } from '../../../libs/routing/entities.ts';
import { isOpen } from '../../../libs/routing/schedule.ts';
import type { DomainRow } from '../../../libs/snapshot/tables/domains.ts';
import type { UserRow } from '../../../libs/snapshot/tables/users.ts';
import { isFitUser } from '../fit-name.ts';
import type { Surroundings } from '../surroundings.ts';
import type { IncomingCall } from './incoming-call.ts';

/** Where a call leads, in terms that are ours: users that exist, names and numbers of a known form. */
export type Destination = {
  domain: DomainRow;
  /** the number that is called when the DID's destination cannot be reached, in E.164 */
  failForward?: string | undefined;
} & (
  | { type: 'extension'; user: UserRow }
  | { type: 'voicemail'; user: UserRow }
  | { type: 'queue'; name: string }
  | { type: 'ivr'; name: string }
  | { type: 'conference'; name: string }
  | {
      type: 'external';
      number: string;
      /** the trunk of the asking node that it leaves by, where routing chose one */
      gateway?: string | undefined;
    }
);

/** Rooms, queues and menus: no plus or hash, which FreeSWITCH reads as more than a name. */
const NAME = /^[A-Za-z0-9_*][A-Za-z0-9_.*-]{0,63}$/;
const EMERGENCY = /^[0-9]{2,4}$/;
/** A number as a trunk's route makes it: with or without a plus, a prefix before it. */
const SENT = /^\+?[0-9*#]{2,32}$/;

/**
 * Where a number leads in a domain: to what routing chose it for, to its user, to a DID of its tenant, to a room, queue or
 * menu of its own, or to the world, for those who may call it. Undefined: nowhere.
 */
export function findDestination(
  call: IncomingCall,
  domain: DomainRow,
  surroundings: Surroundings,
): Destination | undefined {
  const { model } = surroundings;
  if (call.gateway !== undefined) return byTrunk(call.gateway, call.number, domain);
  const chosen =
    call.did === undefined ? undefined : chosenByDid(call.did, call.number, domain, surroundings);
  if (chosen !== undefined) return chosen;
  if (call.isFromTrunk && call.userDomain === undefined) {
    return ofDid(call.number, domain, surroundings) ?? handedOver(call.number, domain, surroundings);
  }
  const user = findUser(call.number, domain, surroundings);
  if (user !== undefined) return { type: 'extension', domain, user };
  const did = ofDid(call.number, domain, surroundings);
  if (did !== undefined) return did;
  const type = model.dids.destTypeOf(call.number, domain.key);
  if (type !== undefined) return named(type, call.number, domain, surroundings);
  return call.isGuests ? undefined : outside(call.number, domain);
}

/** What routing chose a trunk for is outside, whoever has that number here, and is written as the carrier wants it. */
function byTrunk(gateway: string, number: string, domain: DomainRow): Destination | undefined {
  return SENT.test(number) ? { type: 'external', domain, number, gateway } : undefined;
}

/**
 * What routing chose for a DID: the call comes under the name that the DID leads to, which says nothing of whether the user
 * or his mailbox is meant. Time windows are not asked again: it chose a moment ago.
 */
function chosenByDid(
  did: string,
  number: string,
  domain: DomainRow,
  surroundings: Surroundings,
): Destination | undefined {
  const { model } = surroundings;
  for (let target = model.dids.get(did); target !== undefined; target = target.next) {
    const { destType, destination } = target;
    if (!target.active || target.domain !== domain.key || destType === 'external') continue;
    const isNamed = foldName(destination) === foldName(number);
    const found = ofTarget(target, domain, surroundings);
    if (
      found !== undefined &&
      (isNamed || ('user' in found && foldName(found.user.user_id) === foldName(number)))
    )
      return found;
  }
  return undefined;
}

/** A proxy hands a carrier's call over under the name that its DID leads to. */
function handedOver(number: string, domain: DomainRow, surroundings: Surroundings): Destination | undefined {
  const user = findUser(number, domain, surroundings);
  if (user !== undefined) return { type: 'extension', domain, user };
  const type = surroundings.model.dids.destTypeOf(number, domain.key);
  return type === undefined ? undefined : named(type, number, domain, surroundings);
}

function findUser(name: string, { key: domain }: DomainRow, { model }: Surroundings): UserRow | undefined {
  const user = model.users.find('id', name, domain) ?? model.users.find('number-alias', name, domain);
  return user?.enabled && isFitUser(user.user_id) ? user : undefined;
}

/** Only numbers of the domain's tenant: another tenant's is as unknown as one that nobody has. */
function ofDid(number: string, domain: DomainRow, surroundings: Surroundings): Destination | undefined {
  const e164 = toE164(number, planOf(domain));
  const target = e164 === undefined ? undefined : firstOpen(e164, surroundings);
  const owner = target && surroundings.model.domains.get(target.domain);
  if (target === undefined || !owner?.enabled || owner.tenant !== domain.tenant) return undefined;
  return ofTarget(target, owner, surroundings);
}

function ofTarget(
  { destType, destination, failForward }: DidTarget,
  owner: DomainRow,
  surroundings: Surroundings,
): Destination | undefined {
  const found = named(destType, destination, owner, surroundings);
  if (found === undefined || failForward === undefined) return found;
  return { ...found, failForward: toE164(failForward, planOf(owner)) };
}

/** The row of a DID that counts now. */
export function firstOpen(number: string, { model, nowUs }: Surroundings): DidTarget | undefined {
  let target = model.dids.get(number);
  while (target !== undefined && !(target.active && isOpen(target.schedule, nowUs))) target = target.next;
  return target;
}

function named(
  type: Destination['type'],
  name: string,
  domain: DomainRow,
  surroundings: Surroundings,
): Destination | undefined {
  if (type === 'external') return outside(name, domain);
  if (type === 'extension' || type === 'voicemail') {
    const user = findUser(name, domain, surroundings);
    return user && { type, domain, user };
  }
  return NAME.test(name) ? { type, domain, name } : undefined;
}

/** Emergency numbers go out as they are dialled: the proxy knows which trunk takes them. */
function outside(number: string, domain: DomainRow): Destination | undefined {
  const known = EMERGENCY.test(number) ? number : toE164(number, planOf(domain));
  return known === undefined ? undefined : { type: 'external', domain, number: known };
}

function planOf({ country, area_code: areaCode, international_prefix: internationalPrefix }: DomainRow) {
  return { country: country ?? undefined, areaCode: areaCode ?? undefined, internationalPrefix };
}
