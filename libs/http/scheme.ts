import type { Config } from '../config/config.ts';

/** How our listeners are spoken to: all of a process alike. */
export function schemeOf({ HTTP_TLS_CERTIFICATE }: Pick<Config, 'HTTP_TLS_CERTIFICATE'>): 'http' | 'https' {
  return HTTP_TLS_CERTIFICATE === undefined ? 'http' : 'https';
}
