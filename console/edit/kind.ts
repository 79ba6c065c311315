/** One field that can be edited; what is not named stays as it is. */
export interface Field {
  name: string;
  /** `words`: a list of them; `secret`: taken, never shown, and kept where nothing is written; else one of some words */
  type: 'text' | 'number' | 'flag' | 'words' | 'secret' | readonly string[];
  /** an empty text is null */
  isOptional?: boolean;
  /** names the thing: given when it is made, fixed afterwards */
  isKey?: boolean;
  /** only who may change the whole fleet's is asked for it */
  isFleetOnly?: boolean;
  /** what a new one has; none, 0, yes or the first word by default */
  initial?: unknown;
}

export type Item = Readonly<Record<string, unknown>>;

/** A kind of things that people change by hand. */
export interface Kind {
  /** as in the paths of the api */
  path: string;
  one: string;
  /** as within a sentence */
  many: string;
  /** names one of them, in the order of its path */
  key: readonly string[];
  fields: readonly Field[];
}

type Type = Field['type'];
export const keyField = (name: string, type: Type = 'text'): Field => ({ name, type, isKey: true });
export const optionalField = (name: string, type: Type = 'text'): Field => ({ name, type, isOptional: true });
export const neededField = (name: string, type: Type = 'text', initial?: unknown): Field => ({
  name,
  type,
  ...(initial === undefined ? {} : { initial }),
});

/** Words at the beginning of a line. */
export const headed = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** How a field is called. */
export const labelOf = (field: string): string => field.replaceAll('_', ' ');

/** What one thing is called. */
export const nameOf = ({ key }: Kind, item: Item): string => key.map((name) => String(item[name])).join(', ');

/** What a new one of a kind begins with. */
export function blankOf({ fields }: Kind): Item {
  return Object.fromEntries(fields.map((field) => [field.name, field.initial ?? blank(field)]));
}

function blank({ type, isOptional }: Field): unknown {
  if (isOptional) return null;
  if (typeof type !== 'string') return type[0];
  return { text: '', number: 0, flag: true, words: [], secret: '' }[type];
}

/** The path of one thing. */
export function pathOf({ path, key: names }: Kind, item: Item): string {
  return ['/v1', path, ...names.map((name) => encodeURIComponent(String(item[name])))].join('/');
}

/** What a form says, as the api takes it. A secret that nobody wrote is left out: it stays as it is. */
export function readItem({ fields }: Kind, data: FormData): Item {
  const said = fields.filter(({ name, type }) => type !== 'secret' || data.get(name) !== '');
  return Object.fromEntries(said.map((field) => [field.name, readField(field, data)]));
}

function readField({ name, type, isOptional }: Field, data: FormData): unknown {
  if (type === 'flag') return data.has(name);
  const written = String(data.get(name) ?? '');
  // a password may begin with a space
  if (type === 'secret') return written;
  const text = written.trim();
  if (type === 'words') return text.split(/[\s,;]+/).filter((word) => word !== '');
  if (text === '' && isOptional) return null;
  return type === 'number' ? Number(text) : text;
}
