import { Command, InvalidArgumentError } from 'commander';
import { createClock } from '../../libs/clock/clock.ts';
import { CodedError, messageOf } from '../../libs/errors/coded-error.ts';
import type { CdrDelivery } from './simulator/cdr-poster.ts';
import { type Fleet, type Playing, startFleet } from './simulator/fleet.ts';
import type { NodePlan } from './simulator/fleet-options.ts';
import { nodePlans } from './simulator/fleet-options.ts';
import type { Credentials } from './simulator/http-post.ts';
import { loadRecording, recordingNames } from './simulator/recording.ts';

/** `npm run simulate -- --nodes 3 --cps 20 --seconds 60`: a fleet of fake FreeSWITCH servers; see simulator/README.md. */
interface Options {
  recording: string;
  nodes?: number;
  cps: number;
  seconds: number;
  replay?: true;
  speed: number;
  ending: 'as-recorded' | 'stay';
  host: string;
  port: number;
  eslPassword: string;
  waitSubscribers: number;
  waitSeconds: number;
  linger: number;
  heartbeat: number;
  cdrUrl?: string[];
  jsonCdrUrl?: string[];
  directoryUrl?: string;
  username: string;
  password?: string;
  retries: number;
  delay: number;
  timeout: number;
  errLogDir?: string;
  seed?: string;
  clockRate: number;
  clockStart?: number;
  json?: true;
}

const program = new Command('simulate')
  .description(
    'Plays recorded FreeSWITCH traffic: event sockets, CDRs and directory questions of a whole fleet.',
  )
  .option('--recording <name>', `one of ${recordingNames().join(', ')}`, 'run-01')
  .option('--nodes <number>', 'fake servers (fs01, fs02, …); those of the recording by default', count)
  .option('--cps <number>', 'calls begun a second, cloned from the recorded ones', positive, 5)
  .option('--seconds <number>', 'for how long calls are begun', positive, 60)
  .option('--replay', 'play the recording once as it was instead of cloning its calls')
  .option('--speed <factor>', 'with --replay: how many times faster, or max', speed, 1)
  .option('--ending <how>', 'with --replay: as-recorded (nodes shut down as they did) or stay', 'as-recorded')
  .option(
    '--host <address>',
    'event sockets listen here; a + after it gives each node the next address',
    '127.0.0.1',
  )
  .option(
    '--port <number>',
    'port of the first event socket, the next ones follow; 0 takes free ones',
    count,
    0,
  )
  .option('--esl-password <password>', 'password of the event sockets', 'ClueCon')
  .option('--wait-subscribers <number>', 'begin when every node has so many listeners', count, 0)
  .option('--wait-seconds <number>', 'how long to wait for them', positive, 30)
  .option('--linger <seconds>', 'stay up after the last call; 0 ends at once', count, 0)
  .option('--heartbeat <seconds>', 'HEARTBEAT interval under load', positive, 20)
  .option('--cdr-url <url...>', 'where mod_xml_cdr posts; several are tried in turn')
  .option('--json-cdr-url <url...>', 'where mod_json_cdr posts')
  .option('--directory-url <url>', 'where mod_xml_curl asks')
  .option('--username <name>', 'Basic auth name for these', 'freeswitch')
  .option('--password <password>', 'Basic auth password for these; the recorded one when absent')
  .option('--retries <number>', 'attempts after the first to post a CDR', count, 3)
  .option('--delay <seconds>', 'before each retry', positive, 1)
  .option('--timeout <seconds>', 'of one request, in real time; 0 waits for ever', count, 10)
  .option('--err-log-dir <folder>', 'where CDRs go that nobody took')
  .option('--seed <text>', 'the same seed gives the same uuids')
  .option('--clock-start <ms>', 'as CLOCK_START of the services', count)
  .option(
    '--clock-rate <factor>',
    'as CLOCK_RATE of the services: everything runs so many times faster',
    positive,
    1,
  )
  .option('--json', 'print one line of JSON at the end, and nothing else on standard output');

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('must be a whole number.');
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError('must be above 0.');
  return value;
}

function speed(text: string): number {
  return text === 'max' ? Number.POSITIVE_INFINITY : positive(text);
}

function planNodes(options: Options): NodePlan[] {
  const recording = loadRecording(options.recording);
  const { host, port } = options;
  const [, base = host, last = ''] = /^(\d+\.\d+\.\d+\.)(\d+)\+$/.exec(host) ?? [];
  return nodePlans({ recording, nodes: options.nodes }).map((plan, index) => ({
    ...plan,
    host: last === '' ? host : `${base}${Number(last) + index}`,
    port: port === 0 || last !== '' ? port : port + index,
  }));
}

function toFleet(options: Options): Promise<Fleet> {
  const { cdrUrl, jsonCdrUrl, directoryUrl, username, password, replay } = options;
  const credentials: Credentials | undefined = password === undefined ? undefined : { username, password };
  const timeoutMs = options.timeout * 1000;
  const delivery = (urls: string[] | undefined): CdrDelivery | undefined =>
    urls && {
      ...{ urls, credentials, timeoutMs, retries: options.retries, delayMs: options.delay * 1000 },
      errLogDir: options.errLogDir,
    };
  return startFleet({
    recording: loadRecording(options.recording),
    nodes: planNodes(options),
    clock: createClock({ began: options.clockStart, rate: options.clockRate }),
    cores: replay ? 'recorded' : 'fresh',
    password: options.eslPassword,
    cdr: delivery(cdrUrl),
    jsonCdr: delivery(jsonCdrUrl),
    directory: directoryUrl === undefined ? undefined : { url: directoryUrl, credentials, timeoutMs },
    heartbeatMs: replay ? 0 : options.heartbeat * 1000,
    seed: options.seed,
  });
}

function play(fleet: Fleet, options: Options): Playing {
  return options.replay ? fleet.replay(options) : fleet.load(options);
}

/** What happened, in the words of --json. */
function summary(fleet: Fleet, playing: Playing, seconds: number) {
  const { counts } = fleet;
  return {
    ...{ seconds: Math.round(seconds * 1000) / 1000, calls: playing.calls, ...counts },
    max_lag_ms: Math.round(playing.maxLagUs / 1000),
  };
}

function progressLine(fleet: Fleet, playing: Playing, seconds: number): string {
  const { events, delivered, lost, cdrs } = fleet.counts;
  const listeners = fleet.nodes.map(({ subscribers }) => subscribers).join('/');
  return [
    `${Math.round(seconds)} s`,
    ...(playing.calls > 0 ? [`${playing.calls} calls`] : []),
    `${events} events (${delivered} delivered to ${listeners} listeners, ${lost} lost)`,
    `CDRs: ${cdrs.accepted} accepted, ${cdrs.failedAttempts} failed attempts, ${cdrs.spooled} spooled, ${cdrs.lost} lost`,
    `at most ${Math.round(playing.maxLagUs / 1000)} ms late`,
  ].join('; ');
}

async function main(options: Options): Promise<void> {
  const say = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const fleet = await toFleet(options);
  for (const node of fleet.nodes) say(`${node.switchname} listens on ${node.host}:${node.port}`);
  process.once('SIGINT', () => void fleet.stop());
  process.once('SIGTERM', () => void fleet.stop());
  await fleet.subscribed({ perNode: options.waitSubscribers, timeoutMs: options.waitSeconds * 1000 });
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const playing = play(fleet, options);
  const progress = setInterval(() => say(progressLine(fleet, playing, seconds())), 1000);
  try {
    await playing.finished;
  } finally {
    clearInterval(progress);
  }
  const result = summary(fleet, playing, seconds());
  say(progressLine(fleet, playing, seconds()));
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  await new Promise((resolve) => setTimeout(resolve, options.linger * 1000));
  await fleet.stop();
}

try {
  await main(program.parse().opts<Options>());
} catch (error) {
  const code = error instanceof CodedError ? ` (${error.code})` : '';
  process.stderr.write(`simulate: ${messageOf(error)}${code}\n`);
  process.exitCode = 1;
}
