import { DatabaseError } from 'pg';
import { CodedError } from '../../errors/coded-error.ts';
import { SQL_STATE } from '../../postgres/sql-state.ts';

/** Why a value cannot be, in the terms of its field. */
export interface Refusal {
  field: string;
  reason: string;
}

/** A refusal of values. Several are told at once. */
export function refuse(...refusals: Refusal[]): CodedError {
  const words = refusals.map(({ field, reason }) => `${field}: ${reason}`).join('; ');
  return new CodedError('value-refused', words, { details: { errors: refusals } });
}

/** The refusals that an error of a rule or of the database is; undefined: it is no refusal. */
export function refusalsOf(error: unknown): readonly Refusal[] | undefined {
  if (!(error instanceof CodedError)) return undefined;
  const given = error.details?.['errors'];
  if (Array.isArray(given)) return given as Refusal[];
  if (!['value-refused', 'already-exists', 'in-use', 'not-found'].includes(error.code)) return undefined;
  return [{ field: String(error.details?.['field'] ?? ''), reason: error.message }];
}

const KEY = /^Key \((.+?)\)=\((.*?)\) /;
/** A condition that a row violates says nothing of other rows; what the database would tell of them is not passed on. */
const VALUE_CLASSES = /^(22|23)/;

/**
 * What the database refused, in the words of the trade.
 * @returns CodedError `already-exists`, `in-use`, `value-refused`; other errors as they are
 */
export function explainViolation(error: unknown, one: string): unknown {
  if (!(error instanceof DatabaseError) || !VALUE_CLASSES.test(error.code ?? '')) return error;
  const [, columns = '', values = ''] = KEY.exec(error.detail ?? '') ?? [];
  if (error.code === SQL_STATE.uniqueViolation) return explainTaken(error, one, columns);
  if (error.code === SQL_STATE.foreignKeyViolation) {
    if (/still referenced/.test(error.detail ?? '')) {
      return new CodedError('in-use', `the ${one} is still in use by ${error.table ?? 'something'}`, {
        cause: error,
      });
    }
    return refuse({ field: lastOf(columns), reason: `there is no ${lastOf(columns)} ${lastOf(values)}` });
  }
  const field = error.column ?? fieldOfConstraint(error);
  return refuse({
    field,
    reason: `the database does not take this value (${error.constraint ?? error.message})`,
  });
}

function explainTaken(error: DatabaseError, one: string, columns: string): CodedError {
  const isNumber = error.constraint?.startsWith('did_routing') ?? false;
  const words = isNumber
    ? 'the number is taken, or has a route of this priority already'
    : `there already is a ${one} of this ${columns.replace(/lower\((\w+)(::text)?\)/g, '$1') || 'name'}`;
  const field = isNumber ? 'did' : lastOf(columns.replace(/lower\((\w+)(::text)?\)/g, '$1'));
  return new CodedError('already-exists', words, { cause: error, details: { field } });
}

/** `trunks_port_check` of table trunks → `port`. */
function fieldOfConstraint({ constraint = '', table = '' }: DatabaseError): string {
  return constraint.replace(new RegExp(`^${table}_`), '').replace(/_(check\d*|key|fkey)$/, '');
}

function lastOf(list: string): string {
  return list.split(', ').at(-1) ?? list;
}
