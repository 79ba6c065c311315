import { hkdfSync } from 'node:crypto';
import { CodedError } from '../errors/coded-error.ts';

/**
 * A 32-byte key for one purpose, derived from SECRETS_KEY (64 hex digits), so that what is sealed for one purpose
 * can't be opened as another. @throws CodedError `secrets-key-missing`, `secrets-key-invalid`
 */
export function deriveKey(secretsKey: string | undefined, purpose: string): Buffer {
  if (secretsKey === undefined) {
    throw new CodedError('secrets-key-missing', 'environment variable SECRETS_KEY must be set for this');
  }
  if (!/^[0-9a-f]{64}$/i.test(secretsKey)) {
    throw new CodedError('secrets-key-invalid', 'SECRETS_KEY must be 32 bytes in hex (64 digits)');
  }
  return Buffer.from(hkdfSync('sha256', Buffer.from(secretsKey, 'hex'), 'switchfleet', purpose, 32));
}
