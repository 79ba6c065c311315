import { existsSync } from 'node:fs';
import { type RequestOptions, request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';

const PING_MS = 2_000;
const PULL_MS = 120_000;

/**
 * Resolves when Docker answers and has the image or could fetch it. Asked before testcontainers is imported, because
 * that waits long for a daemon that is not there. @throws Error with the reason
 */
export async function requireDockerImage(image: string): Promise<void> {
  const daemon = findDaemon();
  const ping = await ask({ ...daemon, path: '/_ping', timeout: PING_MS });
  if (ping !== 200) throw new Error(`Docker answers ${ping}`);
  if ((await ask({ ...daemon, path: `/images/${image}/json`, timeout: PING_MS })) === 200) return;
  const [name = image, tag = 'latest'] = image.split(':');
  const path = `/images/create?fromImage=${encodeURIComponent(name)}&tag=${encodeURIComponent(tag)}`;
  const pulled = await ask({ ...daemon, method: 'POST', path, timeout: PULL_MS });
  if (pulled !== 200) throw new Error(`Docker cannot fetch ${image} (${pulled})`);
  // A pull that fails midway still answers 200, so the image is asked for once more.
  const present = await ask({ ...daemon, path: `/images/${image}/json`, timeout: PING_MS });
  if (present !== 200) throw new Error(`Docker could not fetch ${image}`);
}

function findDaemon(): RequestOptions {
  const host = process.env['DOCKER_HOST'];
  if (host?.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  if (host?.startsWith('tcp://') && !process.env['DOCKER_TLS_VERIFY']) {
    const { hostname, port } = new URL(host.replace('tcp:', 'http:'));
    return { host: hostname, port };
  }
  if (host) throw new Error('DOCKER_HOST is neither a unix socket nor plain tcp');
  const socketPath = [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    join(process.env['XDG_RUNTIME_DIR'] ?? '/run/user/0', 'docker.sock'),
  ].find((path) => existsSync(path));
  if (socketPath === undefined) throw new Error('no Docker socket');
  return { socketPath };
}

function ask({ timeout, ...options }: RequestOptions & { timeout: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, signal: AbortSignal.timeout(timeout) }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}
