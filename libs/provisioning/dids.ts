import type { ClientBase, Pool } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { isWholeNumber, toE164 } from '../numbering/e164.ts';
import { DEST_TYPES, type DestType } from '../snapshot/tables/did-routing.ts';
import { insertDid } from './dids.sql.ts';
import { numberingPlanOf } from './domains.ts';
import { checkDomain, checkWord } from './value.ts';
import { withViolations } from './violation.ts';

/** An inbound number as somebody adds it. */
export interface NewDid {
  number: string;
  domain: string;
  destination: string;
  destType: string;
  /** rows of one number are its priorities: the highest one counts first */
  priority?: number | undefined;
  description?: string | undefined;
}

/**
 * Adds a number to a domain. Returns it in E.164, as the domain's numbering plan reads it.
 * @throws CodedError `value-refused`, `already-exists` (this priority, or another domain has the number), `not-found` (domain)
 */
export async function addDid(
  pool: ClientBase | Pool,
  did: NewDid,
): Promise<{ did: string; destType: DestType }> {
  const domain = checkDomain(did.domain);
  const destType = checkWord('type', did.destType, DEST_TYPES);
  const destination = checkDestination(did.destination);
  const number = toE164(did.number, await numberingPlanOf(pool, domain));
  if (number === undefined) throw notNumber(did.number, 'is not a phone number');
  if (!isWholeNumber(number)) throw notNumber(did.number, 'is too short for a phone number');
  const { priority = 0, description = '' } = did;
  const exists = `${number} already has a route of priority ${priority}, or belongs to another domain`;
  await withViolations({ exists, missing: `there is no domain ${domain}` }, () =>
    insertDid(pool, { did: number, domain, dest_type: destType, destination, priority, description }),
  );
  return { did: number, destType };
}

function notNumber(given: string, why: string): CodedError {
  return new CodedError('value-refused', `${JSON.stringify(given)} ${why}`, { details: { field: 'number' } });
}

function checkDestination(value: string): string {
  if (/^\+?[A-Za-z0-9*#][A-Za-z0-9._*#-]{0,63}$/.test(value)) return value;
  throw new CodedError('value-refused', `destination ${JSON.stringify(value)} must be a number or a name`, {
    details: { field: 'destination' },
  });
}
