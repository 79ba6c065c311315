import type { RawEvent } from '../../libs/freeswitch/event/channel-event.ts';
import type { RegistrationEvent } from '../../libs/records/registration.ts';

const KINDS = new Map<unknown, RegistrationEvent['kind']>([
  ['sofia::register', 'register'],
  ['sofia::unregister', 'unregister'],
  ['sofia::expire', 'expire'],
]);

/**
 * What a sofia event says about a registration; undefined for other events, and when it does not say whose it is. `offsetUs` is the
 * node's clock minus ours: when it expires is said in ours, which is the one that it is compared with.
 */
export function toRegistrationEvent(
  event: RawEvent,
  node: string,
  offsetUs = 0,
): RegistrationEvent | undefined {
  const kind = KINDS.get(event['Event-Subclass']);
  const atUs = Number(event['Event-Date-Timestamp']);
  // register and unregister say from-*, expire says user and host
  const user = text(event['from-user']) ?? text(event['user']) ?? text(event['username']);
  const domain = text(event['from-host']) ?? text(event['host']) ?? text(event['realm']);
  if (kind === undefined || user === null || domain === null || !Number.isSafeInteger(atUs)) return undefined;
  const expires = whole(event['expires']);
  return {
    v: 1,
    kind,
    node,
    core_uuid: text(event['Core-UUID']),
    at_us: atUs,
    user,
    domain: domain.toLowerCase(),
    contact: contactUri(text(event['contact'])),
    call_id: text(event['call-id']),
    profile: text(event['profile-name']),
    network_ip: text(event['network-ip']),
    network_port: whole(event['network-port']),
    user_agent: text(event['user-agent']),
    expires_us: kind === 'register' && expires !== null ? atUs - offsetUs + expires * 1_000_000 : null,
  };
}

export interface RegistrationSnapshot {
  node: string;
  coreUuid: string;
  /** in the node's clock */
  atUs: number;
  /** the node's clock minus ours */
  offsetUs?: number;
}

/** A row of `show registrations as json` as a registration; undefined when it does not say whose it is. */
export function fromRegistrationRow(
  row: Record<string, unknown>,
  { node, coreUuid, atUs, offsetUs = 0 }: RegistrationSnapshot,
): RegistrationEvent | undefined {
  const user = text(row['reg_user']);
  const domain = text(row['realm']);
  if (user === null || domain === null) return undefined;
  const [, profile, contact] = /^sofia\/([^/]+)\/(.*)$/s.exec(text(row['url']) ?? '') ?? [];
  const expires = whole(row['expires']);
  return {
    v: 1,
    kind: 'register',
    node,
    core_uuid: coreUuid,
    at_us: atUs,
    user,
    domain: domain.toLowerCase(),
    contact: contact ?? text(row['url']),
    call_id: text(row['token']),
    profile: profile ?? null,
    network_ip: text(row['network_ip']),
    network_port: whole(row['network_port']),
    user_agent: null,
    expires_us: expires === null ? null : expires * 1_000_000 - offsetUs,
  };
}

/** What FreeSWITCH makes of `Contact: *`, by which a phone ends whatever it registered. */
const ANY_CONTACT = /^sips?:\(null\)@/;

/** `"Name" <sip:1001@10.0.0.1:5060>;expires=60` → the URI alone, as `show registrations` has it. */
function contactUri(contact: string | null): string | null {
  const uri = /<([^>]*)>/.exec(contact ?? '')?.[1] ?? contact;
  return uri !== null && ANY_CONTACT.test(uri) ? null : uri;
}

/** Phones choose these texts: bounded, without NUL. */
function text(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  return value.slice(0, 1024).replaceAll('\0', '').toWellFormed();
}

function whole(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
