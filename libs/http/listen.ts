import type { AddressInfo } from 'node:net';
import { CodedError, codeOf } from '../errors/coded-error.ts';
import { type App, metricsOf } from './app.ts';
import { readTls, type TlsConfig } from './tls-files.ts';
import { listenTls } from './tls-listener.ts';

export interface ListenOptions {
  host: string;
  port: number;
  /** whether to speak TLS, and with what */
  tls?: TlsConfig;
  /** milliseconds between two looks at the TLS files, for tests */
  lookMs?: number;
}

/**
 * Listens, over TLS where that is configured, and gives the port that was taken (useful with port 0).
 * @throws CodedError `port-in-use`, `listen-failed`, `tls-incomplete`, `tls-unusable`
 */
export async function listen(app: App, { host, port, tls, lookMs }: ListenOptions): Promise<number> {
  const material = tls === undefined ? undefined : readTls(tls);
  try {
    if (tls !== undefined && material !== undefined) {
      return await listenTls(app, { host, port, config: tls, material, metrics: metricsOf(app), lookMs });
    }
    await app.listen({ host, port });
  } catch (cause) {
    if (codeOf(cause) === 'EADDRINUSE') {
      throw new CodedError('port-in-use', `port ${port} on ${host} is in use by another program`, { cause });
    }
    throw new CodedError('listen-failed', `cannot listen on ${host}:${port}`, { cause });
  }
  return (app.server.address() as AddressInfo).port;
}
