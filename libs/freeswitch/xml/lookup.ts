import { decodeValue, type LookupForm } from './form.ts';
import { foldName } from './name.ts';

/** Who a directory request is about. */
export interface Subject {
  /** what `user` is: an `id` or a `number-alias` */
  key: string;
  user: string;
  domain: string;
}

/**
 * Whom a user lookup asks about, or `undefined` when the request contradicts itself.
 *
 * A caller chooses the realm of his SIP digest, which FreeSWITCH writes unescaped into `key_value`: it can carry
 * `&user=…&domain=…` of its own, before the true ones. FreeSWITCH's own code adds `key`, `user`, `domain` last and
 * next to each other, with values encoded. So: the domain must be the key_value; where `user` or `domain` comes with
 * two values, only one such triple may decide; with none or several of them nobody is answered.
 */
export function subjectOf(form: LookupForm): Subject | undefined {
  const subject = isUnambiguous(form) ? plainSubject(form) : tripleSubject(form);
  if (subject === undefined || subject.user === '') return undefined;
  if (form.get('tag_name') !== 'domain' || form.get('key_name') !== 'name') return undefined;
  return foldName(subject.domain) === foldName(form.get('key_value') ?? '') ? subject : undefined;
}

function isUnambiguous(form: LookupForm): boolean {
  return ['key', 'user', 'domain'].every((name) => new Set(form.all(name)).size <= 1);
}

function plainSubject(form: LookupForm): Subject | undefined {
  const user = form.get('user');
  if (user === undefined) return undefined;
  return { key: form.get('key') ?? 'id', user, domain: form.get('domain') ?? form.get('key_value') ?? '' };
}

function tripleSubject({ fields }: LookupForm): Subject | undefined {
  const starts = fields.flatMap(([name], index) =>
    name === 'key' && fields[index + 1]?.[0] === 'user' && fields[index + 2]?.[0] === 'domain' ? [index] : [],
  );
  const start = starts[0];
  if (starts.length !== 1 || start === undefined) return undefined;
  const value = (index: number) => decodeValue(fields[index]?.[1] ?? '');
  return { key: value(start), user: value(start + 1), domain: value(start + 2) };
}
