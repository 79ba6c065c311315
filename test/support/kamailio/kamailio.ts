import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../until.ts';

const SHIPPED = new URL('../../../integrations/kamailio/kamailio.cfg', import.meta.url);
const PATHS = ['/usr/sbin/kamailio', '/usr/local/sbin/kamailio'];
/** The program, where it is installed. */
export const KAMAILIO = PATHS.find((path) => existsSync(path)) ?? 'kamailio';
/** System programs are not in everybody's PATH. */
const SEARCH = `${process.env['PATH']}:/usr/sbin:/usr/local/sbin`;
const PACKAGES =
  'kamailio kamailio-json-modules kamailio-utils-modules kamailio-extra-modules kamailio-postgres-modules sip-tester';

/** For a test's `skip` option: the reason when this machine has no Kamailio; with CI=true false, so that it fails there. */
export function skipWithoutKamailio(): string | false {
  if (PATHS.some((path) => existsSync(path)) || process.env['CI'] === 'true') return false;
  return `no Kamailio on this machine: apt-get install ${PACKAGES}`;
}

export interface KamailioOptions {
  /** the address it listens on, port 5060 */
  address: string;
  routing: [one: string, two: string];
  /** lines of the dispatcher's list file */
  list?: string;
  /** names of the shipped file's switches */
  defines?: string[];
  database?: string;
  /** who may use its JSON-RPC beside its own machine */
  rpcClients?: string;
  children?: number;
  /** seconds between pings to phones behind NAT */
  natPing?: number;
}

/** A running Kamailio with the shipped configuration. */
export interface Kamailio {
  /** `address:port` */
  readonly proxy: string;
  /** One command of kamcmd, its output. */
  command(...words: string[]): Promise<string>;
  log(): string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts Kamailio with the shipped file, whose first lines are set as an operator would. */
export async function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  return runKamailio({
    address: options.address,
    configure: async (folder) => {
      await writeFile(join(folder, 'list'), options.list ?? '');
      return shippedConfiguration(options, folder);
    },
  });
}

/** Starts Kamailio with any configuration that loads ctl; it may keep files in the folder it is given. */
export async function runKamailio({
  address,
  configure,
}: {
  address: string;
  configure: (folder: string) => Promise<string>;
}): Promise<Kamailio> {
  const folder = await mkdtemp(join(tmpdir(), 'kamailio-'));
  const socket = join(folder, 'ctl');
  const lines: string[] = [];
  const text = await configure(folder);
  await writeFile(join(folder, 'kamailio.cfg'), `${text}\nmodparam("ctl", "binrpc", "unix:${socket}")\n`);
  const child = spawn(
    KAMAILIO,
    ['-DD', '-E', '-m', '64', '-M', '8', '-Y', folder, '-f', join(folder, 'kamailio.cfg')],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      lines.push(data.toString());
      if (lines.length > 2_000) lines.splice(0, 1_000);
    });
  }
  const command = async (...words: string[]) => {
    const { stdout } = await promisify(execFile)('kamcmd', ['-s', `unix:${socket}`, ...words], {
      timeout: 5_000,
      env: { PATH: SEARCH },
    });
    return stdout;
  };
  const log = () => lines.join('');
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  const isUp = () =>
    command('core.uptime').then(
      () => true,
      () => child.exitCode !== null,
    );
  await until('Kamailio is up', isUp, 15_000).catch(async (error: unknown) => {
    await stop();
    throw new Error(log(), { cause: error });
  });
  if (child.exitCode !== null) {
    await stop();
    throw new Error(`Kamailio ended with ${child.exitCode}: ${log()}`);
  }
  return { proxy: `${address}:5060`, command, log, pid: child.pid ?? 0, stop };
}

/** The shipped file, its first lines set as an operator would. */
export async function shippedConfiguration(options: KamailioOptions, folder: string): Promise<string> {
  const { address, routing, defines = [], database, rpcClients, children = 2, natPing } = options;
  const values: Record<string, string> = {
    LISTEN_ADDRESS: `udp:${address}:5060`,
    ROUTING_ONE: routing[0],
    ROUTING_TWO: routing[1],
    DISPATCHER_LIST: join(folder, 'list'),
    RPC_ADDRESS: `tcp:${address}:5062`,
    ...(database === undefined ? {} : { DATABASE: database }),
    ...(rpcClients === undefined ? {} : { RPC_CLIENTS: rpcClients }),
  };
  let text = await readFile(SHIPPED, 'utf8');
  for (const [name, value] of Object.entries(values)) {
    text = text.replace(new RegExp(`^#!substdef "!${name}!.*!g"$`, 'm'), `#!substdef "!${name}!${value}!g"`);
  }
  for (const name of defines) text = text.replace(`##!define ${name}\n`, `#!define ${name}\n`);
  text = text.replace(/^#!define CHILDREN \d+$/m, `#!define CHILDREN ${children}`);
  if (natPing !== undefined) text = text.replace(/^#!define NAT_PING \d+$/m, `#!define NAT_PING ${natPing}`);
  return text;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(timer);
}
