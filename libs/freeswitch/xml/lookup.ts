import type { LookupForm } from './form.ts';
import { foldName } from './name.ts';

/** Who a directory request is about. */
export interface Subject {
  /** what `user` is: an `id` or a `number-alias` */
  key: string;
  user: string;
  domain: string;
}

export interface SubjectOptions {
  /**
   * FreeSWITCH asks for several users of one list with the same params, each time with three more fields (a group's
   * pointers): then the last three count. Nobody can have put a field there: what callers choose comes before.
   */
  isLastTripleOurs?: boolean;
}

/**
 * Whom a user lookup asks about, or `undefined` when the request contradicts itself.
 *
 * A caller chooses the realm of his SIP digest, which FreeSWITCH writes unescaped into `key_value`: it can carry
 * `&user=…&domain=…` of its own, before the true ones. FreeSWITCH's own code adds `key`, `user`, `domain` last and
 * next to each other, with values encoded. So: the domain must be the key_value; where `user` or `domain` comes with
 * two values, only one such triple may decide; with none or several of them nobody is answered. Where they agree, the
 * last triple says what `user` is: after an `id` that nobody has, FreeSWITCH adds a second one that asks for the
 * `number-alias`.
 */
export function subjectOf(
  form: LookupForm,
  { isLastTripleOurs = false }: SubjectOptions = {},
): Subject | undefined {
  const subject = decide(form, isLastTripleOurs);
  if (subject === undefined || subject.user === '') return undefined;
  if (form.get('tag_name') !== 'domain' || form.get('key_name') !== 'name') return undefined;
  return foldName(subject.domain) === foldName(form.get('key_value') ?? '') ? subject : undefined;
}

function decide(form: LookupForm, isLastTripleOurs: boolean): Subject | undefined {
  const triples = triplesOf(form);
  const last = triples.at(-1);
  if (!form.isAmbiguous('user') && !form.isAmbiguous('domain')) return last ?? plainSubject(form);
  return triples.length === 1 || isLastTripleOurs ? last : undefined;
}

function plainSubject(form: LookupForm): Subject | undefined {
  const user = form.get('user');
  if (user === undefined) return undefined;
  return { key: form.get('key') ?? 'id', user, domain: form.get('domain') ?? form.get('key_value') ?? '' };
}

/** `key`, `user` and `domain` right behind each other. */
function triplesOf(form: LookupForm): Subject[] {
  const triples: Subject[] = [];
  for (const place of form.placesOf('key')) {
    const user = form.at(place + 1, 'user');
    const domain = form.at(place + 2, 'domain');
    if (user !== undefined && domain !== undefined)
      triples.push({ key: form.at(place, 'key') ?? '', user, domain });
  }
  return triples;
}
