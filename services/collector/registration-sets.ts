import type { RegistrationEvent, RegistrationResync } from '../../libs/records/registration.ts';
import type { RegistrationSnapshot } from './registrations.ts';

/** A record stays far below what a broker takes; contacts are up to 1,024 characters long. */
const PART = { entries: 2_000, characters: 256 * 1024 };

type Entry = RegistrationResync['registrations'][number] & { key: string };

/** The whole set of a node's registrations as records, each with a range of `user@domain`: together they cover all there can be. */
export function toRegistrationSets(
  events: readonly RegistrationEvent[],
  { node, coreUuid, atUs }: RegistrationSnapshot,
  part: typeof PART = PART,
): RegistrationResync[] {
  const parts = split(events.flatMap(toEntry).toSorted(byKey), part);
  return parts.map((entries, at) => ({
    v: 1,
    kind: 'resync',
    node,
    core_uuid: coreUuid,
    at_us: atUs,
    after: at === 0 ? null : (parts[at - 1]?.at(-1)?.key ?? null),
    through: at === parts.length - 1 ? null : (entries.at(-1)?.key ?? null),
    registrations: entries.map(({ user, domain, contact }) => ({ user, domain, contact })),
  }));
}

function toEntry({ user, domain, contact }: RegistrationEvent): Entry[] {
  return contact === null ? [] : [{ user, domain, contact, key: `${user}@${domain}`.toLowerCase() }];
}

/** As PostgreSQL's collation "C": by bytes, which differs from JavaScript's order beyond the Basic Multilingual Plane. */
function byKey(a: Entry, b: Entry): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

/** Cuts where the next user begins: the contacts of one user stay together, however many. No entries are one empty part. */
function split(entries: readonly Entry[], { entries: most, characters }: typeof PART): Entry[][] {
  let current: Entry[] = [];
  const parts = [current];
  let size = 0;
  for (const entry of entries) {
    const isFull = current.length >= most || size >= characters;
    if (isFull && current.at(-1)?.key !== entry.key) {
      current = [];
      parts.push(current);
      size = 0;
    }
    current.push(entry);
    size += entry.key.length + entry.contact.length;
  }
  return parts;
}
