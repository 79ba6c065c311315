import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import { subjectOf } from '../../libs/freeswitch/xml/lookup.ts';
import { NOT_FOUND } from '../../libs/freeswitch/xml/not-found.ts';
import type { DirectoryModel } from './directory-model.ts';
import { renderUser } from './user-answer.ts';

/** What we say: `kind` is for metrics; `unknown` means that nobody of this name is in the snapshot. */
export interface Answer {
  kind: 'user' | 'not-found' | 'unknown';
  xml: string;
}

const NOTHING_TO_SAY: Answer = { kind: 'not-found', xml: NOT_FOUND };
const UNKNOWN: Answer = { kind: 'unknown', xml: NOT_FOUND };

/** Actions that are answered with a user; '' is a plain lookup (`user_data`, `user_exists`, a pointer). */
const USER_ACTIONS = new Set(['', 'sip_auth', 'user_call', 'message-count', 'voicemail-lookup']);
/** Those of them that check a digest. */
const SECRET_ACTIONS = new Set(['sip_auth']);

/** Answers one mod_xml_curl request from memory. Pure: the same model and form give the same reply. */
export function answerLookup(form: LookupForm, model: DirectoryModel): Answer {
  if (form.get('section') !== 'directory') return NOTHING_TO_SAY;
  const action = form.get('action') ?? '';
  if (form.get('purpose') !== undefined || !USER_ACTIONS.has(action)) return NOTHING_TO_SAY;
  return answerUser(form, model, SECRET_ACTIONS.has(action));
}

function answerUser(form: LookupForm, model: DirectoryModel, withSecret: boolean): Answer {
  const subject = subjectOf(form);
  if (subject === undefined) return NOTHING_TO_SAY;
  const { key, user: name, domain: domainName } = subject;
  if (key !== 'id' && key !== 'number-alias') return NOTHING_TO_SAY;
  const domain = model.domain(domainName);
  const user = model.user(key, name, domainName);
  if (domain === undefined || user === undefined) return UNKNOWN;
  if (!domain.enabled || !user.enabled) return NOTHING_TO_SAY;
  return { kind: 'user', xml: renderUser({ user, domain, withSecret }) };
}
