import { createClock } from '../../libs/clock/clock.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import type { CdrPost } from '../support/simulator/cdr-poster.ts';
import { startFleet } from '../support/simulator/fleet.ts';
import { headersFor, post } from '../support/simulator/http-post.ts';
import type { RecordedCall } from '../support/simulator/recorded-call.ts';
import { loadRecording } from '../support/simulator/recording.ts';
import type { SimulatedEvent } from '../support/simulator/simulated-event.ts';
import { untilTaken } from '../support/until-taken.ts';
import { type Place, RATE } from './place.ts';

/** A fake server that nobody named, and the calls it can make, step by step. */
export interface Newcomer extends Stoppable {
  switchname: string;
  port: number;
  password: string;
  /** Asks for its directory, as FreeSWITCH does when it starts. */
  greet(): Promise<void>;
  /** A call with a hold and a recording, of which nothing happened yet. */
  recordedCall(): SlowCall;
  /** Plays a call that came over the proxy at PROXY_ADDRESS, with its CDRs; gives the uuid of a leg. */
  playProxiedCall(): Promise<string>;
}

/** A call of two legs whose moments come when they are asked for; no event of the second one arrives. */
export interface SlowCall {
  /** uuid of its first leg */
  leg: string;
  /** All until somebody hangs up. */
  begin(): void;
  hangUp(): void;
  /** Posts its CDRs. */
  tell(): Promise<void>;
}

export const PROXY_ADDRESS = '127.0.0.20';

/** A call takes a while to write, and none of it may be older than a list of channels that does not have it: that ends it. */
const AHEAD_US = 60_000_000;

const happened = (call: RecordedCall, name: string) =>
  call.items.some((item) => item.kind === 'event' && item.name === name);
const isRecorded = (call: RecordedCall) => happened(call, 'RECORD_START') && happened(call, 'CHANNEL_HOLD');
const isProxied = (call: RecordedCall) =>
  call.legs.length === 2 &&
  call.items.some((item) => item.kind === 'cdr' && item.body.includes(`sip_network_ip%3E${PROXY_ADDRESS}`)) &&
  happened(call, 'CHANNEL_BRIDGE');

export async function startNewcomer({ standalone }: Place, switchname: string): Promise<Newcomer> {
  const { origins, secrets } = standalone;
  const credentials = { username: 'freeswitch', password: secrets.freeswitchPassword };
  const clock = createClock({ began: standalone.began, rate: RATE });
  const fleet = await startFleet({
    recording: loadRecording('run-05'),
    nodes: [{ switchname, address: '127.0.0.17' }],
    cores: 'fresh',
    clock,
    cdr: { urls: [`${origins.cdr}/cdr`], credentials },
  });
  const { port, password } = fleet.node(switchname);
  const deliver = async ({ uuid, prefix, headers, body }: CdrPost) => {
    const url = `${origins.cdr}/cdr?uuid=${prefix}${uuid}`;
    const sent = headersFor(headers, { url, body, credentials });
    const status = await untilTaken(
      async () => (await post({ url, headers: sent, body, timeoutMs: 20_000 })).status,
    );
    if (status !== 200) throw new Error(`a CDR was answered ${status}`);
  };
  return {
    switchname,
    port,
    password,
    greet: () => greet(`${origins.directory}/freeswitch`, { credentials, switchname }),
    recordedCall: () => {
      const untilUs = clock.nowUs() + AHEAD_US;
      const { events, posts } = fleet.rehearse({ calls: 1, cps: 1, untilUs, only: isRecorded });
      const end = events.findIndex(({ event }) => event.name === 'CHANNEL_HANGUP');
      const leg = firstLegOf(events.map(({ event }) => event));
      const play = (part: typeof events) => {
        for (const { node, event } of part) if (event.uuid === leg) node.emit(event);
      };
      return {
        leg,
        begin: () => play(events.slice(0, end)),
        hangUp: () => play(events.slice(end)),
        tell: async () => {
          await Promise.all(posts.map(deliver));
        },
      };
    },
    playProxiedCall: async () => {
      let leg = '';
      fleet.node(switchname).onEvent = ({ name, uuid }) => {
        if (name === 'CHANNEL_CREATE') leg ||= uuid;
      };
      await fleet.load({ cps: 1, seconds: 1, only: isProxied }).finished;
      return leg;
    },
    stop: () => fleet.stop(),
  };
}

function firstLegOf(events: readonly SimulatedEvent[]): string {
  const leg = events.find(({ name }) => name === 'CHANNEL_CREATE')?.uuid;
  if (leg === undefined) throw new Error('the recorded call has no leg');
  return leg;
}

interface Asker {
  credentials: { username: string; password: string };
  switchname: string;
}

async function greet(url: string, { credentials: { username, password }, switchname }: Asker): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${username}:${password}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body:
      `hostname=${switchname}&section=directory&tag_name=&key_name=&key_value=&Event-Name=REQUEST_PARAMS` +
      `&FreeSWITCH-Switchname=${switchname}&FreeSWITCH-IPv4=127.0.0.1&purpose=gateways&profile=internal`,
    signal: AbortSignal.timeout(20_000),
  });
  if (!answer.ok) throw new Error(`the directory answered ${answer.status}`);
}
