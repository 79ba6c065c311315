import pg from 'pg';
import { CodedError } from '../../../../../libs/errors/coded-error.ts';

const QUOTED = '"(?:[^"]|"")+"';
const PART = `(?:${QUOTED}|[^".]+)`;
const NAME = new RegExp(`^${PART}(?:\\.${PART})*$`);

/**
 * A table as SQL names it, from what a person wrote: `table`, `schema.table`, each as it is stored, and in double quotes
 * where it holds a dot. @throws CodedError `value-refused`
 */
export function tableName(text: string): string {
  if (!NAME.test(text)) {
    const example = 'v_xml_cdr, schema.table or schema."my.table"';
    throw new CodedError('value-refused', `--table ${JSON.stringify(text)} must look like ${example}`);
  }
  const parts = text.match(new RegExp(PART, 'g')) ?? [];
  return parts.map((part) => pg.escapeIdentifier(plain(part))).join('.');
}

function plain(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
}
