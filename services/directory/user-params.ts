import { isInert } from '../../libs/freeswitch/inert-text.ts';
import { element, type OptionalPair, pairs } from '../../libs/freeswitch/xml/element.ts';
import { isReservedParam } from '../../libs/provisioning/reserved-params.ts';
import {
  isFitVoicemailSetting,
  isVoicemailSetting,
  mailboxOf,
} from '../../libs/provisioning/voicemail-settings.ts';
import type { UserRow } from '../../libs/snapshot/tables/users.ts';
import { dialString } from './dial-string.ts';
import type { DirectoryModel } from './model/directory-model.ts';
import { allFreePairs, freePairs, mergePairs } from './pairs.ts';
import type { Surroundings } from './surroundings.ts';
import type { UserEntries, UserQuestion } from './user-question.ts';

/**
 * A mailbox whose answer holds no password is open to any digits (mod_voicemail's `allow-empty-password-auth`), even
 * beside a hash. This one cannot be dialled.
 */
const UNDIALLABLE = 'no-such-digits';
/** The first of them is an argument of the mailer's command line: it begins with no dash. */
const EMAILS = /^(?!-)[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+(?:,[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+)*$/;

const NO_EMPTY_PASSWORD: OptionalPair = ['allow-empty-password', 'false'];

/** The params of a user that is only named: FreeSWITCH lets one without a secret in unless it is told not to. */
export const CLOSED = element('params', {}, pairs('param', [NO_EMPTY_PASSWORD]));

/** The params of a user: free ones merged user over group over domain, ours last, so that ours win. */
export function userParams(
  question: UserQuestion,
  entries: UserEntries,
  surroundings: Surroundings,
): Iterable<OptionalPair> {
  return mergePairs(allFreePairs(entries, 'params', isReservedParam), ourParams(question, surroundings));
}

/** `allow-empty-password=false` in every answer: FreeSWITCH lets a user without a secret in otherwise. */
function ourParams(question: UserQuestion, surroundings: Surroundings): OptionalPair[] {
  const { user, needs } = question;
  const params: OptionalPair[] = [NO_EMPTY_PASSWORD];
  if (needs.has('digest')) params.push(...digestParams(user));
  if (needs.has('dial-string')) params.push(...dialParams(question, surroundings));
  if (needs.has('voicemail')) params.push(...voicemailParams(user, surroundings));
  if (needs.has('voicemail-secret')) params.push(...voicemailSecrets(user));
  if (needs.has('verto')) params.push(['jsonrpc-allowed-methods', 'verto']);
  if (needs.has('reverse-auth')) params.push(...reverseParams(user, surroundings));
  if (needs.has('event-socket')) params.push(...eventSocketParams(user, surroundings));
  return params;
}

function digestParams(user: UserRow): OptionalPair[] {
  return [
    ['a1-hash', user.ha1],
    ['max-registrations-per-extension', user.max_registrations?.toString()],
  ];
}

/** A group rings its members as `user/…`, each of which is asked for on its own and keeps its own variables. */
function dialParams(question: UserQuestion, surroundings: Surroundings): OptionalPair[] {
  const { user, domain, asker, isForwarded, needs } = question;
  const value = dialString({ user, domain, asker, isForwarded, tellsForwarded: false }, surroundings);
  if (!needs.has('group-dial-string') || value === undefined) return [['dial-string', value]];
  return [
    ['dial-string', value],
    ['group-dial-string', `user/${user.user_id}@${user.domain}`],
  ];
}

function voicemailParams(user: UserRow, { model }: Surroundings): OptionalPair[] {
  if (!user.vm_enabled) return [['vm-enabled', 'false']];
  const mailto = user.vm_mailto !== null && EMAILS.test(user.vm_mailto) ? user.vm_mailto : undefined;
  return [
    ...freePairs(user.vm_settings, (name) => !isVoicemailSetting(name))
      .filter(([name, value]) => isFitVoicemailSetting(name, value))
      .filter(([name, value]) => name.toLowerCase() !== 'vm-cc' || isCopiedTo(value, user, model)),
    ['vm-enabled', 'true'],
    ['vm-mailto', mailto],
  ];
}

/**
 * Whether a mailbox's messages may be copied to another one: of the same tenant (I6), and one that copies nothing itself.
 * mod_voicemail follows copies of copies without a limit, and a circle of them ends the node.
 */
function isCopiedTo(address: string, user: UserRow, model: DirectoryModel): boolean {
  const to = mailboxOf(address);
  const target = to && model.users.find('id', to.user, to.domain);
  if (
    target === undefined ||
    model.domains.get(target.domain)?.tenant !== model.domains.get(user.domain)?.tenant
  )
    return false;
  return !Object.keys(target.vm_settings ?? {}).some((name) => name.toLowerCase() === 'vm-cc');
}

function voicemailSecrets(user: UserRow): OptionalPair[] {
  return [
    ['vm-a1-hash', user.vm_a1_hash],
    ['vm-password', UNDIALLABLE],
  ];
}

function reverseParams(user: UserRow, { openSecret }: Surroundings): OptionalPair[] {
  const { reverse_auth_user: name, reverse_auth_password_encrypted: sealed } = user;
  if (name === null || sealed === null || !isInert(name)) return [];
  return [
    ['reverse-auth-user', name],
    ['reverse-auth-pass', openSecret(sealed)],
  ];
}

function eventSocketParams(user: UserRow, { openSecret }: Surroundings): OptionalPair[] {
  if (user.esl_password_encrypted === null) return [];
  return [
    ['esl-password', openSecret(user.esl_password_encrypted)],
    ['esl-allowed-log', String(user.esl_allowed_log)],
    ['esl-allowed-events', isInert(user.esl_allowed_events) ? user.esl_allowed_events : 'none'],
    ['esl-allowed-api', isInert(user.esl_allowed_api) ? user.esl_allowed_api : 'none'],
  ];
}
