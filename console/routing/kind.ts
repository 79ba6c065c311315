/** One field that can be edited here; what is not named here stays as it is. */
export interface Field {
  name: string;
  /** an empty text is null where `isOptional` */
  type: 'text' | 'number' | 'flag' | readonly string[];
  isOptional?: boolean;
  /** names the thing: given when it is made, fixed afterwards */
  isKey?: boolean;
}

export type Item = Readonly<Record<string, unknown>>;

/** What decides where calls go, and which of its fields people change by hand. */
export interface Kind {
  /** as in the paths of the api */
  path: 'dids' | 'trunks' | 'trunk-routes';
  one: string;
  many: string;
  /** names one of them, in the order of its path */
  key: readonly string[];
  fields: readonly Field[];
}

const key = (name: string, type: Field['type'] = 'text'): Field => ({ name, type, isKey: true });
const optional = (name: string, type: Field['type'] = 'text'): Field => ({ name, type, isOptional: true });
const needed = (name: string, type: Field['type'] = 'text'): Field => ({ name, type });

export const KINDS: readonly Kind[] = [
  {
    path: 'dids',
    one: 'DID',
    many: 'DIDs',
    key: ['did', 'priority'],
    fields: [
      key('did'),
      key('priority', 'number'),
      needed('domain'),
      needed('dest_type', ['extension', 'queue', 'ivr', 'conference', 'voicemail', 'external']),
      needed('destination'),
      needed('active', 'flag'),
      optional('fail_forward'),
      needed('description'),
    ],
  },
  {
    path: 'trunks',
    one: 'trunk',
    many: 'Trunks',
    key: ['name'],
    fields: [
      key('name'),
      optional('tenant'),
      needed('host'),
      needed('port', 'number'),
      needed('transport', ['udp', 'tcp', 'tls']),
      optional('max_channels', 'number'),
      optional('max_cps', 'number'),
      needed('is_emergency', 'flag'),
      needed('enabled', 'flag'),
    ],
  },
  {
    path: 'trunk-routes',
    one: 'trunk route',
    many: 'Trunk routes',
    key: ['id'],
    fields: [
      needed('prefix'),
      optional('domain'),
      needed('caller_prefix'),
      needed('trunk'),
      needed('priority', 'number'),
      needed('weight', 'number'),
      needed('strip', 'number'),
      needed('prepend'),
      optional('caller_id_rewrite'),
      optional('cost_per_minute', 'number'),
      needed('active', 'flag'),
    ],
  },
];

/** What a new one of a kind begins with. */
export function blankOf({ fields }: Kind): Item {
  const DEFAULTS: Item = { port: 5060, weight: 1 };
  return Object.fromEntries(fields.map((field) => [field.name, DEFAULTS[field.name] ?? blank(field)]));
}

function blank({ type, isOptional }: Field): unknown {
  if (isOptional) return null;
  if (typeof type !== 'string') return type[0];
  return { text: '', number: 0, flag: true }[type];
}

/** The path of one thing. */
export function pathOf({ path, key: names }: Kind, item: Item): string {
  return ['/v1', path, ...names.map((name) => encodeURIComponent(String(item[name])))].join('/');
}

/** What a form says, as the api takes it. */
export function readItem({ fields }: Kind, data: FormData): Item {
  return Object.fromEntries(fields.map((field) => [field.name, readField(field, data)]));
}

function readField({ name, type, isOptional }: Field, data: FormData): unknown {
  if (type === 'flag') return data.has(name);
  const text = String(data.get(name) ?? '').trim();
  if (text === '' && isOptional) return null;
  return type === 'number' ? Number(text) : text;
}

/** One field that two versions of a thing differ in. */
export interface Difference {
  field: string;
  from: string;
  to: string;
}

/** In what the second version differs from the first, among the fields of the second. */
export function differencesOf(from: Item | undefined, to: Item): Difference[] {
  return Object.keys(to)
    .filter((field) => JSON.stringify(from?.[field] ?? null) !== JSON.stringify(to[field] ?? null))
    .map((field) => ({ field, from: shown(from?.[field]), to: shown(to[field]) }));
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The fields that change, of all that a form says. */
export function changesOf(from: Item, to: Item): Item {
  return Object.fromEntries(differencesOf(from, to).map(({ field }) => [field, to[field]]));
}
