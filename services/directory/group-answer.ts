import { element, pairs } from '../../libs/freeswitch/xml/element.ts';
import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import { isReservedParam, isReservedVariable } from '../../libs/provisioning/reserved-params.ts';
import type { DomainRow } from '../../libs/snapshot/tables/domains.ts';
import { type Answer, NOTHING_TO_SAY, UNKNOWN } from './answers.ts';
import { fittingList } from './list-limit.ts';
import { freePairs } from './pairs.ts';
import type { Surroundings } from './surroundings.ts';
import { renderDomain } from './user-answer.ts';

/** A group and pointers to those of its users that are there: FreeSWITCH then asks for each of them. */
export function answerGroup(domain: DomainRow, form: LookupForm, { model }: Surroundings): Answer {
  const names = new Set([...form.all('group'), ...form.all('group_name')].map((name) => name.toLowerCase()));
  const [name] = names;
  if (name === undefined || names.size > 1) return NOTHING_TO_SAY;
  const group = model.groups.get(name, domain.key);
  if (group === undefined) return UNKNOWN;
  const users = model.groups
    .members(name, domain.key)
    .flatMap((key) => model.users.find('id', key, domain.key) ?? [])
    .filter(({ enabled }) => enabled);
  const { elements, leftOut } = fittingList(domain, users, ({ user_id: id }) =>
    element('user', { id, type: 'pointer' }),
  );
  const entry = element('group', { name: group.name }, [
    element('params', {}, pairs('param', freePairs(group.params, isReservedParam))),
    element('variables', {}, pairs('variable', freePairs(group.variables, isReservedVariable))),
    element('users', {}, elements),
  ]);
  return { kind: 'group', xml: renderDomain(domain, [element('groups', {}, [entry])]), leftOut };
}
