import { isInert, isInertName } from '../../libs/freeswitch/inert-text.ts';
import {
  element,
  type OptionalPair,
  pairs,
  renderDocument,
  type Xml,
} from '../../libs/freeswitch/xml/element.ts';
import { isReservedVariable } from '../../libs/provisioning/reserved-params.ts';
import type { DomainRow } from '../../libs/snapshot/tables/domains.ts';
import { allFreePairs, mergePairs } from './pairs.ts';
import type { Surroundings } from './surroundings.ts';
import { userParams } from './user-params.ts';
import type { Need, UserEntries, UserQuestion } from './user-question.ts';

/** A cached answer serves every later question of the node. */
const CACHED: ReadonlySet<Need> = new Set([
  'digest',
  'dial-string',
  'voicemail',
  'voicemail-secret',
  'reverse-auth',
]);

/** Words with commas between them: what a user may call is asked of it by name. */
const TOLL_ALLOW = /^[a-z0-9_-]+(?:,[a-z0-9_-]+)*$/;

/** The reply that names one user of one domain. */
export function renderUser(question: UserQuestion, surroundings: Surroundings): string {
  return renderUsers(question.domain, [userElement(question, surroundings)]);
}

/** A reply with users of one domain, in one group: the only place where each part of FreeSWITCH looks for them. */
export function renderUsers(domain: DomainRow, users: readonly Xml[], group = 'default'): string {
  const entries = element('users', {}, users);
  return renderDomain(domain, [element('groups', {}, [element('group', { name: group }, [entries])])]);
}

/** A reply about one domain. */
export function renderDomain(domain: DomainRow, children: readonly Xml[]): string {
  return renderDocument(
    element('section', { name: 'directory' }, [element('domain', { name: domain.key }, children)]),
  );
}

/** One whole user. */
export function userElement(question: UserQuestion, surroundings: Surroundings): Xml {
  const { user, domain } = question;
  const cacheableMs = surroundings.model.domains.cacheableMs(domain);
  const needs = cacheableMs === undefined ? question.needs : new Set([...question.needs, ...CACHED]);
  const entries = [domain, ...surroundings.model.groups.ofUser(user.key, domain.key).toReversed(), user];
  const attributes: Record<string, string> = { id: user.user_id };
  if (user.number_alias !== null) attributes['number-alias'] = user.number_alias;
  if (cacheableMs !== undefined) attributes['cacheable'] = String(cacheableMs);
  return element('user', attributes, [
    element(
      'params',
      {},
      pairs(
        'param',
        userParams(needs === question.needs ? question : { ...question, needs }, entries, surroundings),
      ),
    ),
    element('variables', {}, pairs('variable', userVariables(question, entries))),
  ]);
}

/** Merged user over group over domain; ours come last and win. */
function userVariables({ user, domain }: UserQuestion, entries: UserEntries): Iterable<OptionalPair> {
  return mergePairs(allFreePairs(entries, 'variables', isReservedVariable), [
    ['domain_name', domain.key],
    ['tenant', inert(domain.tenant)],
    ['user_context', inert(user.context ?? domain.context)],
    ['effective_caller_id_name', nameOf(user.caller_id_name)],
    ['effective_caller_id_number', inert(user.caller_id_number)],
    ['outbound_caller_id_name', nameOf(user.outbound_caller_id_name)],
    ['outbound_caller_id_number', inert(user.outbound_caller_id_number)],
    ['accountcode', inert(user.accountcode)],
    ['toll_allow', user.toll_allow !== null && TOLL_ALLOW.test(user.toll_allow) ? user.toll_allow : null],
  ]);
}

function nameOf(text: string | null): string | null {
  return text !== null && isInertName(text) ? text : null;
}

function inert(text: string | null): string | null {
  return text !== null && isInert(text) ? text : null;
}
