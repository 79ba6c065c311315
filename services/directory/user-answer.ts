import { element, pairs, renderDocument } from '../../libs/freeswitch/xml/element.ts';
import { isReservedParam } from '../../libs/provisioning/reserved-params.ts';
import type { DomainRow, TextMap } from '../../libs/snapshot/tables/domains.ts';
import type { UserRow } from '../../libs/snapshot/tables/users.ts';
import { dialString } from './dial-string.ts';

/** What a user answer is for. `withSecret`: the asker authenticates the user and needs the HA1. */
export interface UserQuestion {
  user: UserRow;
  domain: DomainRow;
  withSecret: boolean;
}

type Pair = readonly [name: string, value: string];

/** The reply that names one user of one domain. */
export function renderUser({ user, domain, withSecret }: UserQuestion): string {
  const attributes: Record<string, string> = { id: user.user_id };
  if (user.number_alias !== null) attributes['number-alias'] = user.number_alias;
  if (domain.cacheable_ms !== null) attributes['cacheable'] = String(domain.cacheable_ms);
  // A cached answer serves every later question, so it has to carry what authentication needs.
  const hasSecret = withSecret || domain.cacheable_ms !== null;
  const entry = element('user', attributes, [
    element('params', {}, pairs('param', userParams(user, domain, hasSecret))),
    element('variables', {}, pairs('variable', userVariables(user, domain))),
  ]);
  const users = element('users', {}, [entry]);
  const groups = element('groups', {}, [element('group', { name: 'default' }, [users])]);
  return renderDocument(
    element('section', { name: 'directory' }, [element('domain', { name: domain.key }, [groups])]),
  );
}

/** Ours come last and win. `allow-empty-password=false`: FreeSWITCH lets a user without a secret in otherwise. */
function userParams(user: UserRow, domain: DomainRow, hasSecret: boolean): Iterable<Pair> {
  const free = [domain.params, user.params].map((params) => withoutReserved(params));
  const ours: [string, string | null | undefined][] = [
    ['a1-hash', hasSecret ? user.ha1 : undefined],
    ['allow-empty-password', 'false'],
    ['dial-string', dialString(user, domain)],
    ['max-registrations-per-extension', user.max_registrations?.toString()],
    ...vmParams(user),
  ];
  return merge([...free, ours]);
}

function vmParams(user: UserRow): [string, string | null][] {
  if (!user.vm_enabled) return [['vm-enabled', 'false']];
  return [
    ...Object.entries(user.vm_settings),
    ['vm-enabled', 'true'],
    ['vm-a1-hash', user.vm_a1_hash],
    ['vm-mailto', user.vm_mailto],
  ];
}

function userVariables(user: UserRow, domain: DomainRow): Iterable<Pair> {
  return merge([
    Object.entries(domain.variables),
    Object.entries(user.variables),
    [
      ['domain_name', domain.key],
      ['user_context', user.context ?? domain.context],
      ['effective_caller_id_name', user.caller_id_name],
      ['effective_caller_id_number', user.caller_id_number],
      ['outbound_caller_id_name', user.outbound_caller_id_name],
      ['outbound_caller_id_number', user.outbound_caller_id_number],
      ['accountcode', user.accountcode],
      ['toll_allow', user.toll_allow],
    ],
  ]);
}

function withoutReserved(params: TextMap): Pair[] {
  return Object.entries(params).filter(([name]) => !isReservedParam(name));
}

/** The later of two pairs of one name wins; names match case-insensitively. Absent values are left out. */
function merge(sources: Iterable<readonly [string, string | null | undefined]>[]): Iterable<Pair> {
  const merged = new Map<string, Pair>();
  for (const source of sources) {
    for (const [name, value] of source) {
      if (typeof value === 'string') merged.set(name.toLowerCase(), [name, value]);
    }
  }
  return merged.values();
}
