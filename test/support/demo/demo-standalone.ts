import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { Stoppable } from '../../../libs/lifecycle/stoppable.ts';
import { type Child, startChild } from '../child-process.ts';

/** A standalone on a throw-away data directory, and how to reach it. */
export interface DemoStandalone extends Stoppable {
  /** the real moment (ms) from which its clock runs */
  readonly began: number;
  /** Without a slash at the end, such as http://127.0.0.1:40001. */
  readonly origins: Record<'api' | 'cdr' | 'directory' | 'routing', string>;
  readonly secrets: { freeswitchPassword: string; apiToken: string };
  /** signs in to the console once */
  readonly signInUrl: string;
  /** Runs the `switchfleet` command on it. @throws CodedError `command-failed` with what it printed */
  command(...args: string[]): Promise<void>;
}

/** Generous: a machine that is busy otherwise gets there as well. */
const START_MS = 150_000;
const STOP_MS = 30_000;
const COMMAND_MS = 60_000;
const FREE_PORTS = Object.fromEntries(
  ['API', 'DIRECTORY', 'CDR', 'ROUTING', 'COLLECTOR', 'WRITER', 'MERGER'].map((name) => [
    `${name}_PORT`,
    '0',
  ]),
);

export interface DemoOptions {
  /** the real moment (ms) from which its clock runs, and how many times faster */
  began: number;
  rate: number;
  /** on top of its own environment */
  environment?: Readonly<Record<string, string>>;
}

/** Starts standalone and waits until it says that it is ready. */
export async function startDemoStandalone({
  began,
  rate,
  environment = {},
}: DemoOptions): Promise<DemoStandalone> {
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-demo-'));
  // PostgreSQL runs as a user of its own when this is root, and must pass through.
  await chmod(folder, 0o711);
  const dataDir = join(folder, 'data');
  const child = startChild({
    entry: 'services/standalone/main.ts',
    environment: {
      ...{ ...FREE_PORTS, DATA_DIR: dataDir, LOG_LEVEL: 'warn' },
      ...{ CLOCK_START: String(began), CLOCK_RATE: String(rate) },
      ...environment,
    },
  });
  const stop = async () => {
    try {
      await child.stop('SIGTERM', STOP_MS);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  try {
    await child.printed(/switchfleet is ready/, START_MS);
    const secrets = JSON.parse(
      await readFile(join(dataDir, 'secrets.json'), 'utf8'),
    ) as DemoStandalone['secrets'];
    return {
      began,
      stop,
      secrets,
      origins: readOrigins(child),
      signInUrl: child.output().match(/http\S+\/console\/sign-in#[0-9a-f]+/)?.[0] ?? '',
      command: (...args) => runCommand(dataDir, args),
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** From its announcement: `  api        http://127.0.0.1:40001/v1`. */
function readOrigins(child: Child): DemoStandalone['origins'] {
  const output = child.output();
  const originOf = (name: string) => {
    const url = new RegExp(`^ +${name} +(http\\S+)$`, 'm').exec(output)?.[1];
    if (url === undefined)
      throw new CodedError('announcement-unknown', `standalone does not say where ${name} is`);
    return new URL(url).origin;
  };
  return {
    api: originOf('api'),
    cdr: originOf('cdr'),
    directory: originOf('directory'),
    routing: originOf('routing'),
  };
}

async function runCommand(dataDir: string, args: readonly string[]): Promise<void> {
  const child = startChild({ entry: 'services/cli/main.ts', args, environment: { DATA_DIR: dataDir } });
  const code = await child.ended(COMMAND_MS);
  if (code !== 0)
    throw new CodedError('command-failed', `switchfleet ${args.join(' ')}: ${child.output().trim()}`);
}
