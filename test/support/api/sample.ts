import type { Schema } from './document.ts';

/** Texts of the forms that schemas ask for; the first that fits is taken. */
const TEXTS = [
  'sample',
  'sample.test',
  '2026-11-20T08:00:00Z',
  '2026-11-20',
  '+442071838750',
  '08:00',
  '1001',
  'GB',
  '192.0.2.1',
  'sip:192.0.2.10:5060',
  'someone@example.com',
  'http://192.0.2.1/',
  'none',
  'a',
];

/** The smallest value that a schema takes: what is not needed is left out. */
export function sampleOf(schema: Schema): unknown {
  const { type, anyOf, properties = {}, required = [] } = schema;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (anyOf?.[0] !== undefined) return sampleOf(anyOf[0]);
  if (type === 'object') {
    return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name] ?? {})]));
  }
  if (type === 'array') return [];
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return Math.max(Number(schema['minimum'] ?? 1), 1);
  return type === 'null' ? null : textOf(schema);
}

function textOf(schema: Schema): string {
  const pattern = new RegExp(String(schema['pattern'] ?? ''), 'u');
  const min = Number(schema['minLength'] ?? 0);
  const isWanted = (text: string) => pattern.test(text) && text.length >= min;
  if (schema['format'] === 'date-time') return '2026-11-20T08:00:00Z';
  return TEXTS.find(isWanted) ?? '';
}
