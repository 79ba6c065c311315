import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CodedError } from '../errors/coded-error.ts';
import { deriveKey } from './key.ts';

/** Encrypts the few secrets that FreeSWITCH or ESL need in plain text, for the database. */
export interface SecretBox {
  /** Text → `v1.…` (AES-256-GCM, a fresh nonce each time). */
  seal(text: string): string;
  /** @throws CodedError `secret-unreadable`: another key, or changed text */
  open(sealed: string): string;
}

/** @throws CodedError `secrets-key-missing`, `secrets-key-invalid` */
export function createSecretBox(secretsKey: string | undefined): SecretBox {
  const key = deriveKey(secretsKey, 'database-secrets');
  return { seal: (text) => seal(key, text), open: (sealed) => open(key, sealed) };
}

function seal(key: Buffer, text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64url')}`;
}

function open(key: Buffer, sealed: string): string {
  try {
    if (!sealed.startsWith('v1.')) throw new Error('unknown version');
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAuthTag(bytes.subarray(12, 28));
    return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw new CodedError(
      'secret-unreadable',
      'a stored secret cannot be decrypted: is SECRETS_KEY the same?',
      {
        cause,
      },
    );
  }
}
