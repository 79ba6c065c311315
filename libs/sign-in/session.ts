import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { createSecretBox } from '../sealing/secret-box.ts';
import { insertSecret, readSession, takeSecret } from './session.sql.ts';

/** A secret is 32 random bytes in hex: it is what the browser holds, and the key of what the table holds. */
const FORM = /^[0-9a-f]{64}$/;
const LINK_SECONDS = 3_600;

export interface OpenedSession {
  secret: string;
  expiresAt: Date;
}

/** Opens a session that asks with this token. */
export async function openSession(pool: Pool, token: string, seconds: number): Promise<OpenedSession> {
  return await store(pool, { kind: 'session', token, seconds });
}

/** Makes a secret that opens one session, once, within an hour: for a link that is printed to whoever started the product. */
export async function createSignInLink(pool: Pool, token: string): Promise<string> {
  return (await store(pool, { kind: 'link', token, seconds: LINK_SECONDS })).secret;
}

/** The token that a link was made with; undefined when there is no such link, it was used, or its time is over. */
export async function redeemLink(pool: Pool, secret: string): Promise<string | undefined> {
  const sealed = FORM.test(secret) ? await takeSecret(pool, hashOf(secret), 'link') : undefined;
  return sealed === undefined ? undefined : createSecretBox(secret).open(sealed);
}

/** A session that counts: what it asks with, and until when. */
export interface KnownSession {
  token: string;
  expiresAt: Date;
}

/** The session of a secret, undefined when there is none (any more). */
export async function findSession(pool: Pool, secret: string): Promise<KnownSession | undefined> {
  const stored = FORM.test(secret) ? await readSession(pool, hashOf(secret)) : undefined;
  if (stored === undefined) return undefined;
  return { token: createSecretBox(secret).open(stored.sealed_token), expiresAt: stored.expires_at };
}

/** Ends a session for good. */
export async function closeSession(pool: Pool, secret: string): Promise<void> {
  if (FORM.test(secret)) await takeSecret(pool, hashOf(secret), 'session');
}

/** What a page of ours sends along with every change, and a page of somebody else cannot know. */
export function csrfTokenOf(secret: string): string {
  return createHmac('sha256', secret).update('csrf').digest('base64url');
}

async function store(
  pool: Pool,
  { kind, token, seconds }: { kind: 'session' | 'link'; token: string; seconds: number },
): Promise<OpenedSession> {
  const secret = randomBytes(32).toString('hex');
  const sealedToken = createSecretBox(secret).seal(token);
  return {
    secret,
    expiresAt: await insertSecret(pool, { hash: hashOf(secret), kind, sealedToken, seconds }),
  };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
