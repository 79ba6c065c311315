import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import { subjectOf } from '../../libs/freeswitch/xml/lookup.ts';
import type { DomainRow } from '../../libs/snapshot/tables/domains.ts';
import type { UserRow } from '../../libs/snapshot/tables/users.ts';
import { type Answer, NOTHING_TO_SAY, UNKNOWN } from './answers.ts';
import { isForwarded } from './forwarded.ts';
import { answerGateways } from './gateway-answer.ts';
import { answerGroup } from './group-answer.ts';
import type { UserKey } from './model/user-book.ts';
import type { Surroundings } from './surroundings.ts';
import { renderDomain, renderUser } from './user-answer.ts';
import type { Need } from './user-question.ts';
import { answerDirectoryListing, answerNetworkList, answerVoicemailUsers } from './users-answer.ts';

/** What each action needs to know of a user; '' is a plain lookup (`user_data`, `user_exists`, an ACL's user). */
const NEEDS: Readonly<Record<string, readonly Need[]>> = {
  '': ['dial-string', 'voicemail'],
  sip_auth: ['digest'],
  'reverse-auth-lookup': ['reverse-auth'],
  user_call: ['dial-string'],
  group_call: ['dial-string', 'group-dial-string'],
  'voicemail-lookup': ['voicemail', 'voicemail-secret'],
  'web-vm': ['voicemail', 'voicemail-secret'],
  'message-count': ['voicemail'],
  event_socket_auth: ['event-socket'],
  'jsonrpc-authenticate': ['digest', 'verto'],
};
const NEED_SETS = new Map(Object.entries(NEEDS).map(([action, needs]) => [action, new Set(needs)]));

/** Everything that FreeSWITCH asks a directory. */
export function answerDirectory(form: LookupForm, surroundings: Surroundings): Answer {
  const action = single(form, 'action');
  const purpose = single(form, 'purpose');
  if (action === undefined || purpose === undefined) return NOTHING_TO_SAY;
  if (purpose !== '') return answerPurpose(purpose, form, surroundings);
  if (form.get('VM-Action') !== undefined) return NOTHING_TO_SAY;
  if (form.get('user') !== undefined) return answerUser(action, form, surroundings);
  if (action === 'group_call')
    return inDomain(form, surroundings, (domain) => answerGroup(domain, form, surroundings));
  if (action !== '') return NOTHING_TO_SAY;
  return inDomain(form, surroundings, (domain) => answerDomain(domain, form, surroundings));
}

/** A field that decides what is answered: '' when absent, undefined when it contradicts itself. */
function single(form: LookupForm, name: string): string | undefined {
  return form.isAmbiguous(name) ? undefined : (form.get(name) ?? '');
}

function answerPurpose(purpose: string, form: LookupForm, surroundings: Surroundings): Answer {
  switch (purpose) {
    case 'gateways':
      return answerGateways(form, surroundings);
    case 'network-list':
      return inDomain(form, surroundings, (domain) => answerNetworkList(domain, surroundings));
    case 'publish-vm':
      return inDomain(form, surroundings, (domain) => answerVoicemailUsers(domain, form, surroundings));
    default:
      return NOTHING_TO_SAY;
  }
}

function answerUser(action: string, form: LookupForm, surroundings: Surroundings): Answer {
  const needs = NEED_SETS.get(action);
  const subject = subjectOf(form, { isLastTripleOurs: action === 'group_call' });
  if (needs === undefined || subject === undefined || !isUserKey(subject.key)) return NOTHING_TO_SAY;
  const domain = surroundings.model.domains.get(subject.domain);
  const user = findUser(action, { ...subject, key: subject.key }, surroundings);
  if (domain === undefined || user === undefined) return UNKNOWN;
  if (!domain.enabled || !user.enabled) return NOTHING_TO_SAY;
  if (!hasWhatIsAsked(user, needs)) return NOTHING_TO_SAY;
  if (action === 'sip_auth' && isAbroad(form, domain, surroundings)) return NOTHING_TO_SAY;
  const question = { user, domain, asker: form.get('hostname') ?? '', needs };
  return {
    kind: 'user',
    xml: renderUser({ ...question, isForwarded: isForwarded(form, user) }, surroundings),
  };
}

/**
 * Whether somebody registers in another domain of ours than the one he has a password in. FreeSWITCH takes the domain of
 * To for the registration and looks at no more than the password, so that one tenant's 1001 would get the calls of
 * another's (I6). A realm may put fields before the true ones: each of them counts.
 */
function isAbroad(form: LookupForm, domain: DomainRow, { model }: Surroundings): boolean {
  if (!form.all('sip_auth_method').includes('REGISTER')) return false;
  return form.all('sip_to_host').some((host) => (model.domains.get(host) ?? domain) !== domain);
}

/** Who has no password for an event socket, or for a peer that challenges, has nothing that such a question needs. */
function hasWhatIsAsked(user: UserRow, needs: ReadonlySet<Need>): boolean {
  if (needs.has('event-socket')) return user.esl_password_encrypted !== null;
  return !needs.has('reverse-auth') || user.reverse_auth_user !== null;
}

interface UserSubject {
  key: UserKey;
  user: string;
  domain: string;
}

/** `user/7001` asks by `id` only, and FreeSWITCH takes a number-alias for one in its own files. */
function findUser(action: string, { key, user, domain }: UserSubject, { model }: Surroundings) {
  const found = model.users.find(key, user, domain);
  return found === undefined && action === 'user_call'
    ? model.users.find('number-alias', user, domain)
    : found;
}

function isUserKey(key: string): key is UserKey {
  return key === 'id' || key === 'number-alias';
}

/** A question about a domain as a whole: `domain`, where it is there, must be the key_value. */
function inDomain(form: LookupForm, { model }: Surroundings, answer: (domain: DomainRow) => Answer): Answer {
  if (form.get('tag_name') !== 'domain' || form.get('key_name') !== 'name') return NOTHING_TO_SAY;
  const name = form.get('key_value') ?? '';
  const domain = model.domains.get(name);
  if (form.all('domain').some((other) => model.domains.get(other) !== domain)) return NOTHING_TO_SAY;
  if (domain === undefined) return UNKNOWN;
  return domain.enabled ? answer(domain) : NOTHING_TO_SAY;
}

/** Redirects ask whether a domain is ours; mod_directory wants everybody in it. */
function answerDomain(domain: DomainRow, form: LookupForm, surroundings: Surroundings): Answer {
  if (form.get('Event-Calling-File') === 'mod_directory.c')
    return answerDirectoryListing(domain, surroundings);
  return { kind: 'domain', xml: renderDomain(domain, []) };
}
