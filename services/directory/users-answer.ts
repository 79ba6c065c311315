import { isIP } from 'node:net';
import { element } from '../../libs/freeswitch/xml/element.ts';
import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import type { DomainRow } from '../../libs/snapshot/tables/domains.ts';
import type { UserRow } from '../../libs/snapshot/tables/users.ts';
import { type Answer, NOTHING_TO_SAY, UNKNOWN } from './answers.ts';
import { fittingList } from './list-limit.ts';
import type { Surroundings } from './surroundings.ts';
import { renderUsers, userElement } from './user-answer.ts';
import { CLOSED } from './user-params.ts';
import type { Need } from './user-question.ts';

const VOICEMAIL: ReadonlySet<Need> = new Set<Need>(['voicemail']);
const LISTED: ReadonlySet<Need> = new Set<Need>();
const EVERYBODY = '_all_';

/** The users whom an address lets in without a password, for an access list of FreeSWITCH. */
export function answerNetworkList(domain: DomainRow, { model }: Surroundings): Answer {
  const users = byId(model.users.withCidrs(domain.key))
    .map(({ user_id: id, enabled, allowed_cidrs: cidrs }) => ({
      id,
      networks: enabled ? (cidrs ?? []).filter(isNetwork) : [],
    }))
    .filter(({ networks }) => networks.length > 0);
  if (users.length === 0) return NOTHING_TO_SAY;
  const { elements, leftOut } = fittingList(domain, users, ({ id, networks }) =>
    element('user', { id, cidr: networks.join(',') }, [CLOSED]),
  );
  return { kind: 'users', xml: renderUsers(domain, elements), leftOut };
}

/** Users whose mailboxes get a message: one of them, a group, or all. */
export function answerVoicemailUsers(
  domain: DomainRow,
  form: LookupForm,
  surroundings: Surroundings,
): Answer {
  const { model } = surroundings;
  const names = new Set(form.all('user'));
  const groups = new Set(form.all('group'));
  const [user] = names;
  const [group] = groups;
  if (names.size > 1 || groups.size > 1 || (user === undefined && group === undefined)) return NOTHING_TO_SAY;
  const find = (key: string) => model.users.find('id', key, domain.key) ?? [];
  if (user === undefined || user === '') {
    if (group === undefined || model.groups.get(group, domain.key) === undefined) return UNKNOWN;
    return list(
      domain,
      model.groups.members(group, domain.key).flatMap(find),
      { needs: VOICEMAIL, group },
      surroundings,
    );
  }
  if (user === EVERYBODY) return list(domain, model.users.of(domain.key), { needs: VOICEMAIL }, surroundings);
  const found =
    model.users.find('id', user, domain.key) ?? model.users.find('number-alias', user, domain.key);
  return found === undefined ? UNKNOWN : list(domain, [found], { needs: VOICEMAIL }, surroundings);
}

/** Everybody in a domain, for mod_directory's dial by name. */
export function answerDirectoryListing(domain: DomainRow, surroundings: Surroundings): Answer {
  return list(domain, surroundings.model.users.of(domain.key), { needs: LISTED }, surroundings);
}

function list(
  domain: DomainRow,
  users: Iterable<UserRow>,
  { needs, group }: { needs: ReadonlySet<Need>; group?: string },
  surroundings: Surroundings,
): Answer {
  const name = group === undefined ? undefined : surroundings.model.groups.get(group, domain.key)?.name;
  const listed = byId(users).filter(
    ({ enabled, vm_enabled: hasMailbox }) => enabled && (hasMailbox || !needs.has('voicemail')),
  );
  if (listed.length === 0) return NOTHING_TO_SAY;
  const { elements, leftOut } = fittingList(domain, listed, (user) =>
    userElement({ user, domain, asker: '', isForwarded: false, needs }, surroundings),
  );
  return { kind: 'users', xml: renderUsers(domain, elements, name), leftOut };
}

function byId(users: Iterable<UserRow>): UserRow[] {
  return [...users].sort((left, right) => (left.key < right.key ? -1 : 1));
}

function isNetwork(cidr: string): boolean {
  return isIP(cidr.split('/')[0] ?? '') !== 0 && /^[0-9a-fA-F.:]+\/\d{1,3}$/.test(cidr);
}
