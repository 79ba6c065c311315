import { readFile } from 'node:fs/promises';
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
import { answersPerSecond, type Order, postCdrs, rowsPerSecond, type Target } from './cdr/post.ts';
import { sizeFigures } from './cdr/sizes.ts';
import { writerRates } from './cdr/writer-rate.ts';
import { type Bench, type Comparison, compare, compareTogether, type Figure, figure } from './figure.ts';
import { Scope } from './main/scope.ts';

const POSTS = '2000';
const ROUNDS = '5';
const RSS_SECONDS = '120';
const BARE_TABLE =
  'create table bare_cdr (uuid text, start_epoch bigint, billsec int, hangup_cause text, document jsonb)';

/** The servers of one run. */
interface Places {
  bare: Target;
  insert: CdrPlace;
  httpInsert: Target;
  standalone: CdrPlace;
  fleet: CdrPlace;
  writerDatabase: string;
}

/**
 * The CDR path: recorded bodies of 15 to 20 kB over a new connection each, from the first post to the last row.
 * `--posts N` a measurement, `--rounds N`, `--rss-seconds N` of load before memory is read.
 */
export const bench: Bench = {
  name: 'cdr',
  description:
    'CDRs: post to row on both buses, against bare servers and INSERTs; parser, writer, latency, memory, sizes',
  async *run({
    posts = POSTS,
    rounds = ROUNDS,
    'rss-seconds': rssSeconds = RSS_SECONDS,
  }): AsyncIterable<Figure> {
    yield await compare({ ...PARSE, rounds: Number(rounds) });
    const scope = new Scope();
    try {
      const places = await openPlaces(scope);
      await warmUp(places);
      yield* await compareTogether(comparisons(places, Number(posts)), Number(rounds));
      yield await writerFigure(scope, places.writerDatabase, Number(rounds));
      yield await latencyFigure(places.standalone);
      yield* sizeFigures(places.fleet.client);
      yield await memoryFigure(places.fleet, Number(rssSeconds));
    } finally {
      await scope.close();
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

async function openPlaces(scope: Scope): Promise<Places> {
  const server = await openDatabaseServer(scope);
  const inserts = await openDatabase(scope, server, 'inserts');
  const client = await openClient(scope, inserts);
  await client.query(BARE_TABLE);
  return {
    bare: await openBaseline(scope, 'bare-process.ts'),
    insert: { ...(await openBaseline(scope, 'insert-process.ts', inserts)), client },
    httpInsert: await openBaseline(scope, 'http-insert-process.ts', inserts),
    standalone: await openStandalone(scope),
    fleet: await openFleetPath(scope, await openDatabase(scope, server, 'fleet')),
    writerDatabase: await openDatabase(scope, server, 'writer'),
  };
}

/** Compiled code, planned statements, grown pools. */
async function warmUp({ bare, insert, httpInsert, standalone, fleet }: Places): Promise<void> {
  const order = { posts: 600 };
  await answersPerSecond(bare, order);
  await answersPerSecond(httpInsert, KEPT(order.posts));
  for (const place of [insert, standalone, fleet]) await rowsPerSecond(place, place.client, order);
}

const KEPT = (posts: number): Order => ({ posts, kind: 'json', keepAlive: true, parallel: 16 });

function comparisons({ bare, insert, httpInsert, standalone, fleet }: Places, posts: number): Comparison[] {
  const shared = { unit: 'CDRs/s', better: 'higher' } as const;
  const bareRate = () => answersPerSecond(bare, { posts });
  const fleetRate = () => rowsPerSecond(fleet, fleet.client, { posts });
  return [
    {
      ...shared,
      name: 'cdr.standalone',
      baseline: bareRate,
      value: () => rowsPerSecond(standalone, standalone.client, { posts }),
    },
    { ...shared, name: 'cdr.kafka', baseline: bareRate, value: fleetRate },
    {
      ...shared,
      name: 'cdr.kafka_vs_insert',
      baseline: () => rowsPerSecond(insert, insert.client, { posts }),
      value: fleetRate,
    },
    {
      ...shared,
      name: 'cdr.json_keepalive',
      baseline: () => answersPerSecond(httpInsert, KEPT(posts)),
      value: () => answersPerSecond(fleet, KEPT(posts)),
    },
  ];
}

async function writerFigure(scope: Scope, databaseUrl: string, rounds: number): Promise<Figure> {
  const { writer, plain } = writerRates(scope, databaseUrl, 2_000);
  await plain();
  await writer();
  return compare({
    name: 'cdr.writer_rows',
    unit: 'CDRs/s',
    better: 'higher',
    value: writer,
    baseline: plain,
    rounds,
  });
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
