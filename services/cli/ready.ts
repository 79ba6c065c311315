import { readFileSync } from 'node:fs';
import { request as overHttp } from 'node:http';
import { request as overTls } from 'node:https';
import { loadConfig } from '../../libs/config/config.ts';
import { VARIABLES } from '../../libs/config/variables.ts';

/**
 * What a container's health check runs (`node services/cli/ready.ts [SERVICE]`): exits 0 when the service on this machine says
 * that traffic may come, else 1. Without a name it is the service that process 1 runs. Small, because it runs all the time.
 */
const TIMEOUT_MS = 3_000;

const config = loadConfig();
const service = process.argv[2] ?? serviceOf(readFileSync('/proc/1/cmdline', 'utf8').split('\0'));
process.exitCode = (await isReady(portOf(service))) ? 0 : 1;

/** The word after the command line's file: `node /app/services/cli/main.ts cdr`. */
function serviceOf(words: readonly string[]): string {
  return words[words.findIndex((word) => word.endsWith('services/cli/main.ts')) + 1] ?? '';
}

/** @throws TypeError when it is no service that listens */
function portOf(name: string): number {
  const variable = `${name.toUpperCase()}_PORT`;
  if (!(variable in VARIABLES)) throw new TypeError(`${name || 'nothing'} is no service with a port`);
  return Number(config[variable as keyof typeof config]);
}

/** Over TLS we show our own certificate, should clients be asked for one; whose it is does not matter on this machine. */
function isReady(port: number): Promise<boolean> {
  const { HTTP_TLS_CERTIFICATE: certificate, HTTP_TLS_PRIVATE_KEY: key } = config;
  const target = { host: '127.0.0.1', port, path: '/health/ready', timeout: TIMEOUT_MS };
  const asked =
    certificate === undefined || key === undefined
      ? overHttp(target)
      : overTls({
          ...target,
          cert: readFileSync(certificate),
          key: readFileSync(key),
          rejectUnauthorized: false,
        });
  return new Promise((resolve) => {
    asked.once('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
