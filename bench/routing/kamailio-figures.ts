import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testAddresses } from '../../test/support/kamailio/address.ts';
import { type Kamailio, runKamailio } from '../../test/support/kamailio/kamailio.ts';
import { startSipp } from '../../test/support/kamailio/sipp.ts';
import { type Comparison, compareTogether, type Figure } from '../figure.ts';
import type { Scope } from '../main/scope.ts';
import type { Effort } from '../parts.ts';
import { cpuTimeUs } from './cpu-time.ts';
import { openFleet, someDids } from './fleet.ts';
import { startService } from './http-figures.ts';
import { lookupConfiguration, sqlConfiguration } from './kamailio-configuration.ts';

const SIZE = { domains: 2_000, dids: 100_000, prefixes: 33_000 };
const CHILDREN = 4;
const SCENARIO = join(import.meta.dirname, 'redirected.xml');
/** Closed loop: this many calls are under way. */
const AT_ONCE = 48;
/** Calls a second while CPU time is counted: well below what either can do. */
const STEADY = 1_000;

interface Rig {
  proxy: Kamailio;
  /** whose CPU time a call costs, beside Kamailio's */
  answering: number[];
}

/** Calls through Kamailio and sipp: as many as possible, and what one costs. */
export async function kamailioFigures(scope: Scope, { rounds, seconds }: Effort): Promise<Figure[]> {
  const fleet = await openFleet(scope, SIZE);
  const service = await startService(scope, fleet);
  const address = testAddresses();
  const numbers = await numbersFile(scope, someDids(fleet.size, 5_000));
  const postmaster = await postmasterOf(fleet.client);
  const database = fleet.connectionString.replace(/^postgresql:/, 'postgres:').replace(/\?.*$/, '');
  const start = async (host: number, configuration: string): Promise<Kamailio> => {
    const kamailio = await runKamailio({ address: address(host), configure: async () => configuration });
    scope.after(() => kamailio.stop());
    return kamailio;
  };
  const at = (host: number) => ({ address: address(host), children: CHILDREN });
  const routing = `http://kamailio:secret@127.0.0.1:${service.port}`;
  const ours: Rig = {
    proxy: await start(20, lookupConfiguration({ ...at(20), routing })),
    answering: [service.child.pid, postmaster],
  };
  const theirs: Rig = {
    proxy: await start(21, sqlConfiguration({ ...at(21), database })),
    answering: [postmaster],
  };
  let caller = 100;
  const call = async ({ proxy }: Rig, pace: string[]) => {
    caller = caller > 200 ? 100 : caller + 1;
    const started = performance.now();
    const args = [
      '-sf',
      SCENARIO,
      '-inf',
      numbers,
      ...pace,
      '-timeout',
      '120s',
      '-timeout_error',
      proxy.proxy,
    ];
    const sipp = await startSipp({ address: address(caller), args });
    const { code, output } = await sipp.ended;
    await sipp.stop();
    if (code !== 0) throw new Error(`sipp: ${output.slice(-1_500)}`);
    return (performance.now() - started) / 1000;
  };
  const measureRate = async (rig: Rig) => {
    const calls = Math.round(3_000 * seconds);
    return calls / (await call(rig, ['-m', String(calls), '-r', '100000', '-l', String(AT_ONCE)]));
  };
  const measureCpu = async (rig: Rig) => {
    const roots = [rig.proxy.pid, ...rig.answering];
    const before = await cpuTimeUs(roots);
    const calls = Math.round(STEADY * seconds);
    await call(rig, ['-m', String(calls), '-r', String(STEADY), '-l', '2000']);
    return ((await cpuTimeUs(roots)) - before) / calls;
  };
  for (const rig of [ours, theirs]) await call(rig, ['-m', '2000', '-r', '100000', '-l', String(AT_ONCE)]);
  const comparisons: Comparison[] = [
    {
      name: 'routing.kamailio_cps',
      unit: 'calls/s',
      better: 'higher',
      value: () => measureRate(ours),
      baseline: () => measureRate(theirs),
    },
    {
      name: 'routing.kamailio_cpu_us',
      unit: 'µs/call',
      better: 'lower',
      value: () => measureCpu(ours),
      baseline: () => measureCpu(theirs),
    },
  ];
  return compareTogether(comparisons, rounds);
}

/** sipp takes a line for each call, and begins again at the end. */
async function numbersFile(scope: Scope, numbers: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'routing-numbers-'));
  scope.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'numbers.csv');
  await writeFile(path, ['SEQUENTIAL', ...numbers, ''].join('\n'));
  return path;
}

async function postmasterOf(client: {
  query(text: string): Promise<{ rows: { pid: number }[] }>;
}): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const stat = await readFile(`/proc/${rows[0]?.pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
