import { csvQuoted, FORMULA_START, isFormula } from '../../csv/cell.ts';
import type { Field, Json } from '../resource/resource.ts';

interface Shape {
  type?: string;
  anyOf?: Shape[];
  items?: Shape;
  enum?: unknown[];
}

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;
/** An apostrophe that keeps a spreadsheet from running the cell; a text that begins like a kept one is kept, too. */
const GUARDED = new RegExp(`^'(?=${FORMULA_START}|')`);

/** A value as one cell: lists of words with spaces between, other structures as JSON; nothing as an empty cell. */
export function toCell(value: Json | undefined): string {
  const text = textOf(value);
  return csvQuoted(isFormula(text) || GUARDED.test(text) ? `'${text}` : text);
}

function textOf(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return value.join(' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * A cell as the value of a field. An empty one is what the field has when nothing is given; undefined: leave it as it is.
 * What cannot be read is given as text, and the field's schema says what is wrong.
 */
export function readCell(cell: string, field: Field): Json | undefined {
  const text = cell.replace(GUARDED, '');
  if (text === '') return field.kind === 'secret' ? undefined : field.default;
  const shape = shapeOf(field.schema as Shape);
  if (shape.type === 'boolean') return readBoolean(text);
  if (shape.type === 'integer' || shape.type === 'number') return NUMBER.test(text) ? Number(text) : text;
  if (shape.type === 'array' && (shape.items?.type === 'string' || shape.items?.enum !== undefined))
    return text.split(/[\s;]+/).filter((part) => part !== '');
  return shape.type === 'array' || shape.type === 'object' ? readJson(text) : text;
}

/** Without the null that many fields may be. */
function shapeOf(schema: Shape): Shape {
  const parts = schema.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : schema;
}

function readBoolean(text: string): Json {
  const word = text.toLowerCase();
  if (['true', 'yes', '1', 'on'].includes(word)) return true;
  return ['false', 'no', '0', 'off'].includes(word) ? false : text;
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
