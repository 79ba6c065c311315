import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '../../libs/records/topics.ts';
import { SERVICES } from '../../test/e2e/fleet-mode.ts';
import { watchFirstEvents } from '../calls/call-visibility.ts';
import { type Watched, watchProcesses } from '../calls/process-watch.ts';
import type { HttpLoad, HttpLoadResult } from '../directory/http-load-process.ts';
import { questionsFor as registersOf } from '../directory/questions.ts';
import { type Figure, figure } from '../figure.ts';
import { bytesACall, readBooks, readLag, readLost } from './books.sql.ts';
import { expectedCalls } from './expected-calls.ts';
import { addressOf, type FleetSize } from './fleet-size.ts';
import { kafkaBytes } from './kafka-bytes.ts';
import { watchMachine } from './machine-share.ts';
import type { FleetPlace } from './place.ts';

const SETTLED_MS = 90_000;
const KAMAILIO = `Basic ${Buffer.from('kamailio:secret').toString('base64')}`;
const ASKERS = 8;

/** Plays calls, phones and lookups in their own time, waits until all is stored, and counts. */
export async function runFleet(
  place: FleetPlace,
  { cps, seconds }: { cps: number; seconds: number },
): Promise<Figure[]> {
  const { product, client, fleet, phones } = place;
  const said = watchFirstEvents(fleet);
  const watching = { isOver: false };
  const pids = new Map(SERVICES.map((service) => [service, product.processes.get(service)?.pid ?? 0]));
  const began = performance.now();
  const watched = watchProcesses(pids, watching);
  const machine = await watchMachine(place);
  const refreshing = phones.refresh(watching);
  const lookups = askBoth(place, { cps, seconds });
  const playing = fleet.load({ cps, seconds });
  await playing.finished;
  const asked = await lookups;
  watching.isOver = true;
  const shares = await machine();
  const ran = (performance.now() - began) / 1_000;
  await refreshing;
  const books = await settled(place, await expectedCalls(playing.calls));
  note(`${playing.calls} calls, ${JSON.stringify(books)}, ${JSON.stringify(fleet.counts)}`);
  note(`the simulator was late by ${(playing.maxLagUs / 1000).toFixed(0)} ms at worst`);
  const lag = await readLag(client, said);
  return [
    figure('fleet.lost', books.missing + fleet.counts.lost + fleet.counts.cdrs.lost, 'records', 'lower'),
    figure('fleet.doubled', books.doubled, 'records', 'lower'),
    figure('fleet.lag_p99_seconds', Math.max(lag.cdr, lag.event), 's', 'lower'),
    figure('fleet.cdr_lag_p99_seconds', lag.cdr, 's', 'lower'),
    figure('fleet.event_lag_p99_seconds', lag.event, 's', 'lower'),
    figure('fleet.directory_p99_ms', asked.directory.p99Ms, 'ms', 'lower'),
    figure('fleet.lookups_failed', asked.directory.wrong + asked.routing.wrong, 'lookups', 'lower'),
    ...shares,
    ...processFigures(await watched, (cpu) => (cpu * ran * 1_000) / playing.calls),
    ...(await bytesACall(client, playing.calls)).map(({ table, bytes }) =>
      figure(`fleet.bytes_a_call.${table}`, bytes, 'bytes', 'lower'),
    ),
    ...(await topicFigures(product.environment['KAFKA_NAMESPACE'] ?? '', playing.calls)),
  ];
}

/** REGISTERs that phones refresh by, and one routing decision a call. @throws Error when an asker ends */
async function askBoth(
  { size, product, phones, askers }: FleetPlace,
  { cps, seconds }: { cps: number; seconds: number },
): Promise<{ directory: HttpLoadResult; routing: HttpLoadResult }> {
  const load = (url: string, requests: string[], rate: number): HttpLoad => ({
    port: Number(new URL(url).port),
    ...{ requests, rate, connections: ASKERS, milliseconds: seconds * 1_000 },
  });
  const [directory, routing] = await Promise.all([
    askers.directory.ask<HttpLoadResult>(load(product.directoryUrl, registersOf(size), phones.rate)),
    askers.routing.ask<HttpLoadResult>(load(product.routingUrl, decisionsOf(size), cps)),
  ]);
  return { directory, routing };
}

const DECISIONS = 2_000;
const CALL_TOPICS: ReadonlySet<string> = new Set([
  TOPICS.cdrs,
  TOPICS.channelEvents,
  TOPICS.calls,
  TOPICS.live,
]);

/** As kamailio.cfg asks for calls from a carrier. */
function decisionsOf(size: FleetSize): string[] {
  return Array.from({ length: DECISIONS }, (_, index) => {
    const did = Math.floor((index * size.users) / 10 / DECISIONS);
    const parameters = new URLSearchParams({
      to: `+4930${1_000_000 + did}`,
      from: 'sip:+4940123@203.0.113.1',
      domain: addressOf(size, did).domain,
      src: '203.0.113.1:5060',
      call_id: `${index}-4711@203.0.113.1`,
    });
    return `GET /kamailio/route?${parameters} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${KAMAILIO}\r\n\r\n`;
  });
}

/** Reads until nothing is missing, or patience is over: what is missing then is lost. */
async function settled(
  { client, fleet, size }: FleetPlace,
  calls: number,
): Promise<{ missing: number; doubled: number }> {
  const legs = [...fleet.ledger.acceptedUuids()];
  for (const deadline = performance.now() + SETTLED_MS; ; await sleep(1_000)) {
    const [legsMissing, books] = [await readLost(client, legs), await readBooks(client)];
    const missing = legsMissing + Math.max(0, calls - books.calls) + size.registrations - books.registrations;
    const doubled = books.doubled + Math.max(0, books.calls - calls);
    if ((missing === 0 && doubled === 0) || performance.now() > deadline) return { missing, doubled };
  }
}

/** Memory at its highest, and CPU time for each call that was played, with what phones and lookups cost beside it. */
function processFigures(watched: readonly Watched[], milliseconds: (cpu: number) => number): Figure[] {
  return watched.flatMap(({ name, megabytes, cpu }) => [
    figure(`fleet.rss_mb.${name}`, Math.max(...megabytes), 'MB', 'lower'),
    figure(`fleet.cpu_ms_a_call.${name}`, milliseconds(cpu), 'ms', 'lower'),
  ]);
}

/** What calls leave on Kafka; phones' records are of no call. */
async function topicFigures(namespace: string, calls: number): Promise<Figure[]> {
  const topics = [...(await kafkaBytes(namespace))].filter(([topic]) => CALL_TOPICS.has(topic));
  return topics.map(([topic, bytes]) =>
    figure(`fleet.kafka_bytes_a_call.${topic.replace('switchfleet.', '')}`, bytes / calls, 'bytes', 'lower'),
  );
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
