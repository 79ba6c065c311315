import type { AddressInfo } from 'node:net';
import { CodedError, codeOf } from '../errors/coded-error.ts';
import type { App } from './app.ts';

/** Listens and gives the port that was taken (useful with port 0). @throws CodedError `port-in-use`, `listen-failed` */
export async function listen(app: App, { host, port }: { host: string; port: number }): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    if (codeOf(cause) === 'EADDRINUSE') {
      throw new CodedError('port-in-use', `port ${port} on ${host} is in use by another program`, { cause });
    }
    throw new CodedError('listen-failed', `cannot listen on ${host}:${port}`, { cause });
  }
  return (app.server.address() as AddressInfo).port;
}
