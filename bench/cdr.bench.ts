import { readFile } from 'node:fs/promises';
import { readCpu } from './cdr/cpu.ts';
import { fastXmlParserRate, ourParseRate } from './cdr/parse-rate.ts';
import {
  type CdrPlace,
  openBaseline,
  openClient,
  openDatabase,
  openDatabaseServer,
  openFleetPath,
  openStandalone,
} from './cdr/places.ts';
import {
  answersPerSecond,
  letSettle,
  type Order,
  postCdrs,
  postStored,
  rowsPerSecond,
  settledAnswersPerSecond,
} from './cdr/post.ts';
import { sizeFigures } from './cdr/sizes.ts';
import { writerRates } from './cdr/writer-rate.ts';
import { type Bench, type Comparison, compare, compareTogether, type Figure, figure } from './figure.ts';
import { Scope } from './main/scope.ts';

const POSTS = '8000';
const ROUNDS = '3';
const RSS_SECONDS = '120';
const BARE_TABLE =
  'create table bare_cdr (uuid text, start_epoch bigint, billsec int, hangup_cause text, document jsonb)';

/** How much is measured: so many posts a measurement, the median of so many of them, so long a load for memory. */
interface Effort {
  posts: number;
  rounds: number;
  rssSeconds: number;
}

/** The parts by name, each on servers of its own: what one does not need takes nothing from it. */
const PARTS: Readonly<Record<string, (scope: Scope, effort: Effort) => Promise<Figure[]>>> = {
  parse: async (_scope, { rounds }) => [await compare({ ...PARSE, rounds })],
  kafka: kafkaFigures,
  standalone: standaloneFigures,
  json: jsonFigures,
  writer: writerFigures,
  stored: storedFigures,
  cpu: cpuFigures,
};

/**
 * The CDR path: recorded bodies of 15 to 20 kB over a new connection each, from the first post to the last row.
 * `--posts N` a measurement, `--rounds N`, `--rss-seconds N` of load before memory is read, `--part NAME` for one part.
 */
export const bench: Bench = {
  name: 'cdr',
  description:
    'CDRs: post to row on both buses, against bare servers and INSERTs; parser, writer, latency, memory, sizes',
  async *run({
    posts = POSTS,
    rounds = ROUNDS,
    'rss-seconds': rssSeconds = RSS_SECONDS,
    part,
  }): AsyncIterable<Figure> {
    const effort = { posts: Number(posts), rounds: Number(rounds), rssSeconds: Number(rssSeconds) };
    for (const [name, measure] of Object.entries(PARTS)) {
      if (part !== undefined && part !== name) continue;
      const scope = new Scope();
      try {
        yield* await measure(scope, effort);
      } finally {
        await scope.close();
      }
    }
  },
};

const PARSE: Comparison = {
  name: 'cdr.parse',
  unit: 'CDRs/s',
  better: 'higher',
  value: ourParseRate,
  baseline: fastXmlParserRate,
};

const SHARED = { unit: 'CDRs/s', better: 'higher' } as const;
/**
 * Posts under way at once where a rate is measured: as many servers post side by side. With 32 the client, two cores and the disk
 * wait for each other a sixth of the time, and no server is at its limit.
 */
const PARALLEL = 64;
/**
 * Compiled code, planned statements, grown pools: a server is up for months. After 10,000 CDRs a tenth of the fleet path's CPU still
 * goes into V8's compiling, after 40,000 half of that.
 */
const WARM_UP: Order = { posts: 40_000, parallel: PARALLEL };
/** JSON over kept connections. */
const KEPT: Order = { posts: 0, kind: 'json', keepAlive: true, parallel: 16 };

async function kafkaFigures(scope: Scope, { posts, rounds }: Effort): Promise<Figure[]> {
  const order: Order = { posts, parallel: PARALLEL };
  const server = await openDatabaseServer(scope);
  const bare = await openBaseline(scope, 'bare-process.ts');
  const insert = await openInsert(scope, server, 'insert-process.ts');
  const fleet = await openFleetPath(scope, await openDatabase(scope, server, 'fleet'));
  await answersPerSecond(bare, WARM_UP);
  for (const place of [insert, fleet]) await rowsPerSecond(place, place.client, WARM_UP);
  let fleetRate = Number.NaN;
  return compareTogether(
    [
      {
        ...SHARED,
        name: 'cdr.kafka',
        baseline: () => answersPerSecond(bare, order),
        value: async () => {
          fleetRate = await rowsPerSecond(fleet, fleet.client, order);
          return fleetRate;
        },
      },
      {
        ...SHARED,
        name: 'cdr.kafka_vs_insert',
        baseline: () => rowsPerSecond(insert, insert.client, order),
        // of the same round, measured just before
        value: async () => fleetRate,
      },
    ],
    rounds,
  );
}

async function standaloneFigures(scope: Scope, { posts, rounds }: Effort): Promise<Figure[]> {
  const order: Order = { posts, parallel: PARALLEL };
  const bare = await openBaseline(scope, 'bare-process.ts');
  const standalone = await openStandalone(scope);
  await answersPerSecond(bare, WARM_UP);
  await rowsPerSecond(standalone, standalone.client, WARM_UP);
  const rate = await compare({
    ...SHARED,
    name: 'cdr.standalone',
    baseline: () => answersPerSecond(bare, order),
    value: () => rowsPerSecond(standalone, standalone.client, order),
    rounds,
  });
  // What the rate left to do is not part of 500 CDRs a second.
  await letSettle(standalone.client);
  return [rate, await latencyFigure(standalone)];
}

async function jsonFigures(scope: Scope, { posts, rounds }: Effort): Promise<Figure[]> {
  const server = await openDatabaseServer(scope);
  const insert = await openInsert(scope, server, 'http-insert-process.ts');
  const fleet = await openFleetPath(scope, await openDatabase(scope, server, 'fleet'));
  const warmUp = { ...KEPT, posts: WARM_UP.posts };
  await answersPerSecond(insert, warmUp);
  await settledAnswersPerSecond(fleet, fleet.client, warmUp);
  const figure = await compare({
    ...SHARED,
    name: 'cdr.json_keepalive',
    baseline: () => answersPerSecond(insert, { ...KEPT, posts }),
    value: () => settledAnswersPerSecond(fleet, fleet.client, { ...KEPT, posts }),
    rounds,
  });
  return [figure];
}

async function openInsert(scope: Scope, server: string, file: string): Promise<CdrPlace> {
  const database = await openDatabase(scope, server, 'inserts');
  const client = await openClient(scope, database);
  await client.query(BARE_TABLE);
  return { ...(await openBaseline(scope, file, database)), client };
}

async function storedFigures(scope: Scope, { posts, rssSeconds }: Effort): Promise<Figure[]> {
  const server = await openDatabaseServer(scope);
  const fleet = await openFleetPath(scope, await openDatabase(scope, server, 'fleet'));
  await rowsPerSecond(fleet, fleet.client, { posts });
  return [...(await sizeFigures(fleet.client)), await memoryFigure(fleet, rssSeconds)];
}

async function writerFigures(scope: Scope, { rounds }: Effort): Promise<Figure[]> {
  const database = await openDatabase(scope, await openDatabaseServer(scope), 'writer');
  const { writer, plain } = writerRates(scope, database, 2_000);
  await plain();
  await writer();
  const figure = await compare({
    ...SHARED,
    name: 'cdr.writer_rows',
    value: writer,
    baseline: plain,
    rounds,
  });
  return [figure];
}

/**
 * CPU time of each process that has a part in `cdr.kafka`, and of both that have one in its baseline: on two cores nothing is faster
 * than two seconds of it a second.
 */
async function cpuFigures(scope: Scope, { posts, rounds }: Effort): Promise<Figure[]> {
  const order: Order = { posts: posts * rounds, parallel: PARALLEL };
  const server = await openDatabaseServer(scope);
  const bare = await openBaseline(scope, 'bare-process.ts');
  const fleet = await openFleetPath(scope, await openDatabase(scope, server, 'fleet'));
  await answersPerSecond(bare, WARM_UP);
  await rowsPerSecond(fleet, fleet.client, WARM_UP);
  const idle = await readCpu();
  const [bareClient, fleetClient] = [await postCdrs(bare, order), await postStored(fleet, order)];
  const busy = await readCpu();
  const each = (name: string, seconds: number) =>
    figure(`cdr.cpu_${name}`, (seconds * 1e6) / order.posts, 'µs', 'lower');
  return [
    each('bare_client', bareClient.cpu_seconds),
    each('client', fleetClient.cpu_seconds),
    ...[...busy].map(([name, seconds]) => each(name, seconds - (idle.get(name) ?? 0))),
  ];
}

const RATE = 500;
const LATENCY_POSTS = 10 * RATE;

async function latencyFigure(standalone: CdrPlace): Promise<Figure> {
  const { p99_ms } = await postCdrs(standalone, { posts: LATENCY_POSTS, rate: RATE, parallel: 200 });
  return figure('cdr.accept_p99_ms', p99_ms, 'ms', 'lower');
}

const MEMORY_RATE = 200;

/** Resident memory of service cdr after so long under load. */
async function memoryFigure(fleet: CdrPlace, seconds: number): Promise<Figure> {
  await postCdrs(fleet, { posts: seconds * MEMORY_RATE, rate: MEMORY_RATE, parallel: 100 });
  const status = await readFile(`/proc/${fleet.pid}/status`, 'utf8');
  const kilobytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
  return figure('cdr.rss_mb', kilobytes / 1024, 'MB', 'lower');
}
