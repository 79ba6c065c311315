import { CodedError } from '../../errors/coded-error.ts';
import { anyOf, type Fragment, sql } from '../fragment.ts';

/** One number as a person writes it in a search: `+4930123`, `+4930*`, `*0123`. */
export interface NumberTerm {
  kind: 'exact' | 'prefix' | 'suffix';
  text: string;
}

const MOST_TERMS = 20;
/** What people put between the digits of a number. */
const BETWEEN = /[ ()/\u00a0-]/g;

/** A space that a number, and no name, follows. */
const PLUS = /^ (?=\d[^a-z]*$)/i;

/**
 * Numbers of a search, comma-separated. A space before the first number is the + of a URL that was not encoded; before a
 * later one it may also be what people type after a comma: both are asked for. Spaces, brackets, slashes and dashes between digits are left out.
 * @throws CodedError `number-invalid`
 */
export function readNumbers(text: string): NumberTerm[] {
  const words = text.split(',').filter((word) => word.trim() !== '');
  if (words.length === 0 || words.length > MOST_TERMS) {
    throw new CodedError('number-invalid', `one to ${MOST_TERMS} numbers, with a comma between them`);
  }
  return words.flatMap((word, index) => {
    const withPlus = word.replace(PLUS, '+');
    return (index === 0 || withPlus === word ? [withPlus] : [word, withPlus]).map(readTerm);
  });
}

function readTerm(word: string): NumberTerm {
  const cleaned = clean(word.trim());
  const starsAtEnd = cleaned.endsWith('*') && cleaned.length > 1;
  const starsAtStart = cleaned.startsWith('*') && cleaned.length > 1;
  if (starsAtEnd && starsAtStart) {
    throw new CodedError('number-invalid', 'a number has one * at the most: 49* or *49');
  }
  if (starsAtEnd) return { kind: 'prefix', text: cleaned.slice(0, -1) };
  if (starsAtStart) return { kind: 'suffix', text: cleaned.slice(1) };
  return { kind: 'exact', text: cleaned };
}

/** Users may be called by names: only what looks like a number is cleaned. */
function clean(word: string): string {
  return /[a-z]/i.test(word) ? word : word.replace(BETWEEN, '');
}

/** `like` takes %, _ and \ for more than themselves. */
const pattern = (text: string) => `${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Conditions on one column, one for each way in which an index can answer it. */
export function numberConditions(column: Fragment, terms: readonly NumberTerm[]): Fragment[] {
  const exact = terms.filter(({ kind }) => kind === 'exact').map(({ text }) => text);
  const conditions = terms.flatMap(({ kind, text }) => {
    if (kind === 'prefix') return [sql`${column} like ${pattern(text)}`];
    if (kind === 'suffix') return [sql`reverse(${column}) like ${pattern([...text].toReversed().join(''))}`];
    return [];
  });
  if (exact.length === 1) conditions.push(sql`${column} = ${exact[0]}`);
  if (exact.length > 1) conditions.push(sql`${column} = any(${exact}::text[])`);
  return conditions;
}

/** One condition on one column. */
export const numberCondition = (column: Fragment, terms: readonly NumberTerm[]): Fragment =>
  anyOf(numberConditions(column, terms));
