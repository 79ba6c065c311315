import { CodedError } from '../errors/coded-error.ts';

/**
 * What mod_voicemail transfers a caller to who presses the operator's key: a word of it after a space would be the dialplan,
 * and `inline` runs any application. The number alone is looked up where the call is.
 */
const EXTENSION = /^[A-Za-z0-9*#+][A-Za-z0-9._*#+-]{0,63}$/;
/** What stands after a space in a copy's address is the file that is copied, any of the server's. */
const MAILBOX = /^([A-Za-z0-9][A-Za-z0-9._+-]{0,63})@([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$/;
/** An argument of the mailer's command line: one that begins with a dash would be an option of it. */
const EMAIL = /^[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9.-]+$/;
const ANY_TEXT = /^/;

/** What a mailbox may be told, beside what the entry itself says (`vm-mailto`, its hash), and in which form. */
const SETTINGS: ReadonlyMap<string, RegExp> = new Map([
  ['timezone', ANY_TEXT],
  ['vm-alternate-greet-id', ANY_TEXT],
  ['vm-attach-file', ANY_TEXT],
  ['vm-cc', MAILBOX],
  ['vm-delete-file', ANY_TEXT],
  ['vm-disk-quota', ANY_TEXT],
  ['vm-email-all-messages', ANY_TEXT],
  ['vm-keep-local-after-email', ANY_TEXT],
  ['vm-mailfrom', EMAIL],
  ['vm-message-max-length', ANY_TEXT],
  ['vm-notify-email-all-messages', ANY_TEXT],
  ['vm-notify-mailto', EMAIL],
  ['vm-operator-extension', EXTENSION],
  ['vm-skip-instructions', ANY_TEXT],
]);

/** Whether mod_voicemail may be told this. Names match case-insensitively. */
export function isVoicemailSetting(name: string): boolean {
  return SETTINGS.has(name.toLowerCase());
}

/** Whether a setting's text, inert as all are, is no more than mod_voicemail shall read in it. Rule: its source (1.10). */
export function isFitVoicemailSetting(name: string, value: string): boolean {
  return SETTINGS.get(name.toLowerCase())?.test(value) ?? false;
}

/** The text of a setting, as it is. @throws CodedError `value-refused` */
export function checkVoicemailSetting(field: string, name: string, value: string): string {
  if (isFitVoicemailSetting(name, value)) return value;
  const why = `${name} ${JSON.stringify(value)} must be one extension, mailbox or e-mail address, as its name says`;
  throw new CodedError('value-refused', why, { details: { field } });
}

/** The mailbox that `vm-cc` names; undefined: none. */
export function mailboxOf(address: string): { user: string; domain: string } | undefined {
  const [, user, domain] = MAILBOX.exec(address) ?? [];
  return user === undefined || domain === undefined ? undefined : { user, domain };
}
