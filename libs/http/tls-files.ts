import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Config } from '../config/config.ts';
import { CodedError } from '../errors/coded-error.ts';

/** Where certificate, key and the clients' CA are; without a certificate a listener speaks plain HTTP. */
export type TlsConfig = Pick<Config, 'HTTP_TLS_CERTIFICATE' | 'HTTP_TLS_PRIVATE_KEY' | 'HTTP_TLS_CLIENT_CA'>;

/** What was read from the files, and fits together. */
export interface TlsMaterial {
  context: SecureContextOptions;
  /** whether clients must show a certificate of the CA */
  asksClients: boolean;
  subject: string;
  /** seconds since 1970 */
  expiresAt: number;
}

/**
 * Reads the files; undefined when none is configured.
 * @throws CodedError `tls-incomplete` (key or certificate missing), `tls-unusable` (unreadable, or not a pair)
 */
export function readTls(config: TlsConfig): TlsMaterial | undefined {
  const {
    HTTP_TLS_CERTIFICATE: certFile,
    HTTP_TLS_PRIVATE_KEY: keyFile,
    HTTP_TLS_CLIENT_CA: caFile,
  } = config;
  if (certFile === undefined && keyFile === undefined && caFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    throw new CodedError('tls-incomplete', 'HTTP_TLS_CERTIFICATE and HTTP_TLS_PRIVATE_KEY belong together');
  }
  try {
    const cert = readFileSync(certFile);
    const ca = caFile === undefined ? {} : { ca: readFileSync(caFile) };
    const context: SecureContextOptions = { cert, key: readFileSync(keyFile), ...ca, minVersion: 'TLSv1.2' };
    createSecureContext(context);
    const { subject, validTo } = new X509Certificate(cert);
    return {
      context,
      asksClients: caFile !== undefined,
      subject: subject.replaceAll('\n', ', '),
      expiresAt: Date.parse(validTo) / 1000,
    };
  } catch (cause) {
    throw new CodedError('tls-unusable', `the TLS files cannot be used (${certFile}, ${keyFile})`, { cause });
  }
}

/** A text that changes when one of the files does; also where they are links that are turned, as Kubernetes does it. */
export function tlsFileState(config: TlsConfig): string {
  const files = [config.HTTP_TLS_CERTIFICATE, config.HTTP_TLS_PRIVATE_KEY, config.HTTP_TLS_CLIENT_CA];
  return files
    .map((file) => {
      const state = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
      return state === undefined ? '-' : `${state.ino}/${state.mtimeMs}/${state.size}`;
    })
    .join(' ');
}
