import type { Pool } from 'pg';
import { messageOf } from '../../libs/errors/coded-error.ts';
import { element } from '../../libs/freeswitch/xml/element.ts';
import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import { subjectOf } from '../../libs/freeswitch/xml/lookup.ts';
import { foldName } from '../../libs/freeswitch/xml/name.ts';
import { setVoicemailPassword } from '../../libs/provisioning/voicemail.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import { type Answer, NOTHING_TO_SAY, UNKNOWN } from './answers.ts';
import type { DirectoryModel } from './model/directory-model.ts';
import { renderUsers } from './user-answer.ts';
import { CLOSED } from './user-params.ts';

/** What a caller does in his mailbox: a write on the read path. */
export interface PasswordChange {
  user: string;
  domain: string;
  password: string;
}

/** Fields that say that and what is written: where one of them stands twice, a caller has put it there. */
const DECISIVE = ['Event-Name', 'VM-Action', 'VM-User', 'VM-Domain', 'VM-User-Password'];

/**
 * The password change that a request is; undefined: it is none. mod_voicemail asks with an event of its own (CUSTOM);
 * a SIP realm can put fields in front of any other request, and its true Event-Name comes after them.
 */
export function readPasswordChange(form: LookupForm): PasswordChange | undefined {
  if (form.get('VM-Action') === undefined) return undefined;
  if (form.get('section') !== 'directory' || DECISIVE.some((name) => form.all(name).length !== 1))
    return undefined;
  if (form.get('Event-Name') !== 'CUSTOM' || form.get('VM-Action') !== 'change-password') return undefined;
  const user = form.get('VM-User') ?? '';
  const domain = form.get('VM-Domain') ?? '';
  if (foldName(domain) !== foldName(form.get('key_value') ?? '') || !isAboutSame(form, user, domain))
    return undefined;
  return { user, domain, password: form.get('VM-User-Password') ?? '' };
}

function isAboutSame(form: LookupForm, user: string, domain: string): boolean {
  if (form.get('user') === undefined) return true;
  const subject = subjectOf(form);
  return (
    subject !== undefined &&
    foldName(subject.user) === foldName(user) &&
    foldName(subject.domain) === foldName(domain)
  );
}

export interface PasswordChangeDeps {
  pool: Pool;
  model: DirectoryModel;
  logger: Logger;
}

/**
 * Stores a new mailbox password as its hash. The answer says whether it was: mod_voicemail takes everything but a user
 * with `success="false"` for a yes, so that a database which is away is a refusal, too.
 */
export async function changePassword(change: PasswordChange, deps: PasswordChangeDeps): Promise<Answer> {
  const { model, pool, logger } = deps;
  const domain = model.domains.get(change.domain);
  const user = model.users.find('id', change.user, change.domain);
  if (domain === undefined || user === undefined) return UNKNOWN;
  if (!domain.enabled || !user.enabled) return NOTHING_TO_SAY;
  const address = { user: user.user_id, domain: domain.key };
  let isStored = false;
  try {
    isStored = await setVoicemailPassword(pool, { ...address, password: change.password });
  } catch (error) {
    logger.warn({ ...address, reason: messageOf(error) }, 'voicemail password was not changed');
  }
  const result = element('result', { success: String(isStored) });
  return {
    kind: 'password-change',
    xml: renderUsers(domain, [element('user', { id: user.user_id }, [CLOSED, result])]),
  };
}
