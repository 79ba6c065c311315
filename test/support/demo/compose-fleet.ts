import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFleet } from '../simulator/fleet.ts';
import { loadRecording } from '../simulator/recording.ts';

/**
 * The profile `demo` of docker-compose.yml: three fake FreeSWITCH servers that switchfleet learns of over its api, and
 * two calls a second for as long as the container is up. Prints a line a minute.
 */
const NODES = 3;
const CPS = 2;
const FIRST_PORT = 8021;
const ESL_PASSWORD = 'ClueCon';
const LISTENED_MS = 600_000;
const RETRY_MS = 2_000;
const DAY_SECONDS = 86_400;
const API = 'http://api:3100/v1/nodes';
const CDR = 'http://haproxy:3202/cdr';
/** How the services find this container. */
const HERE = 'simulator';

const secret = async (name: string) => (await readFile(`/run/secrets/${name}`, 'utf8')).trim();
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Tells switchfleet of a node, until it knows it. */
async function addNode(switchname: string, port: number, token: string): Promise<void> {
  const body = JSON.stringify({
    switchname,
    esl_host: HERE,
    esl_port: port,
    esl_password: ESL_PASSWORD,
    sip_uri: `sip:${HERE}:5060`,
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  for (;;) {
    const signal = AbortSignal.timeout(10_000);
    const answer = await fetch(API, { method: 'POST', headers, body, signal }).catch(() => undefined);
    // 409: it is known from an earlier start
    if (answer?.status === 201 || answer?.status === 409) return;
    say(`${switchname}: the api answers ${answer?.status ?? 'nothing'}`);
    await sleep(RETRY_MS);
  }
}

async function main(): Promise<void> {
  const [token, password] = [await secret('api_token'), await secret('freeswitch_password')];
  const names = Array.from({ length: NODES }, (_, index) => ({
    switchname: `fs0${index + 1}`,
    port: FIRST_PORT + index,
  }));
  const fleet = await startFleet({
    recording: loadRecording('run-01'),
    nodes: names.map((plan) => ({ ...plan, host: '0.0.0.0' })),
    cores: 'fresh',
    password: ESL_PASSWORD,
    heartbeatMs: 20_000,
    cdr: { urls: [CDR], credentials: { username: 'freeswitch', password } },
  });
  process.once('SIGTERM', () => void fleet.stop().then(() => process.exit(0)));
  for (const { switchname, port } of names) await addNode(switchname, port, token);
  await fleet.subscribed({ timeoutMs: LISTENED_MS });
  say(`${NODES} servers are followed; ${CPS} calls begin in a second`);
  for (;;) {
    const playing = fleet.load({ cps: CPS, seconds: DAY_SECONDS });
    const progress = setInterval(
      () => say(`${playing.calls} calls, ${JSON.stringify(fleet.counts.cdrs)}`),
      60_000,
    );
    await playing.finished;
    clearInterval(progress);
  }
}

await main();
