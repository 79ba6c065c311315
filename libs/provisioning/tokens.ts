import { createHash, randomBytes } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { ROLES } from './role.ts';
import { insertToken, updateRevoked } from './tokens.sql.ts';
import { checkName, checkWord } from './value.ts';
import { withViolations } from './violation.ts';

/** So that a token is known for one wherever it turns up: in a log, a repository, a ticket. */
const PREFIX = 'sft_';
const FORM = /^sft_[A-Za-z0-9_-]{43}$/;
const LONGEST_DAYS = 3_650;

/** A token as somebody asks for it. */
export interface NewToken {
  name: string;
  role: string;
  /** undefined: the whole fleet */
  tenant?: string | undefined;
  /** undefined: until it is revoked */
  expiresInDays?: number | undefined;
  createdBy: string;
}

/** What is told once, when a token is made. */
export interface CreatedToken {
  token: string;
  expiresAt: Date | null;
}

/** What is stored of a token. SHA-256 will do: nobody guesses 256 random bits. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** A token that nobody has yet. */
export function newTokenText(): string {
  return `${PREFIX}${randomBytes(32).toString('base64url')}`;
}

/** Whether a text can be one of our tokens, before the database is asked. */
export function isTokenForm(text: string): boolean {
  return FORM.test(text);
}

/** Makes a token; it is shown only now. @throws CodedError `value-refused`, `already-exists`, `not-found` (tenant) */
export async function createToken(pool: ClientBase | Pool, wanted: NewToken): Promise<CreatedToken> {
  const name = checkName('name', wanted.name);
  const role = checkWord('role', wanted.role, ROLES);
  const tenant = wanted.tenant === undefined ? null : checkName('tenant', wanted.tenant);
  const token = newTokenText();
  const row = {
    name,
    hash: hashToken(token),
    role,
    tenant,
    expiresInDays: checkDays(wanted.expiresInDays),
    createdBy: wanted.createdBy,
  };
  const messages = { exists: `there already is a token ${name}`, missing: `there is no tenant ${tenant}` };
  const { expires_at } = await withViolations(messages, () => insertToken(pool, row));
  return { token, expiresAt: expires_at };
}

/** Ends a token; every api refuses it within a second. @throws CodedError `not-found` */
export async function revokeToken(pool: ClientBase | Pool, name: string, tenant?: string): Promise<void> {
  if (await updateRevoked(pool, name, tenant)) return;
  throw new CodedError('not-found', `there is no token ${name} that still counts`);
}

function checkDays(days: number | undefined): number | null {
  if (days === undefined) return null;
  if (Number.isInteger(days) && days >= 1 && days <= LONGEST_DAYS) return days;
  throw new CodedError('value-refused', `a token lives 1 to ${LONGEST_DAYS} days`, {
    details: { field: 'expires_in_days' },
  });
}
