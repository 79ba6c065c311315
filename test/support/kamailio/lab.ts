import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { openDatabase } from '../../../libs/postgres/database.ts';
import type { NodeLoad } from '../../../libs/records/node-load.ts';
import type { NodeAnswer } from '../../../libs/routing/answer.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createRoutingService, type RoutingService } from '../../../services/routing/service.ts';
import { loadOf } from '../routing/lab-fleet.ts';
import { createLoadPipe } from '../routing/load-pipe.ts';
import { testDatabase } from '../stack/test-database.ts';
import { until } from '../until.ts';
import { testAddresses } from './address.ts';
import { type CutProxy, openCutProxy } from './cut-proxy.ts';
import { type Kamailio, type KamailioOptions, startKamailio } from './kamailio.ts';
import { type CallOptions, type CallResult, openEndpoint, type SipEndpoint } from './sip-endpoint.ts';

/** A heartbeat that is older makes a node stale here. */
export const STALE_MS = 1_500;
const BEAT_MS = 250;
const USUAL = { max_sessions: 10_000, max_sessions_per_second: 10_000 };

/** The field's usual picture: two nodes, two carriers, a phone, one Kamailio, two routing services, one database. */
export interface Lab {
  fs01: SipEndpoint;
  fs02: SipEndpoint;
  carrier1: SipEndpoint;
  carrier2: SipEndpoint;
  phone: SipEndpoint;
  kamailio: Kamailio;
  services: [RoutingService, RoutingService];
  database: CutProxy;
  connectionString: string;
  sql(text: string): Promise<pg.QueryResult>;
  /** Changes what a node's next heartbeats say; null: it has none any more. */
  beat(node: string, load: Partial<NodeLoad> | null): void;
  /** Whether anything of the bus arrives. */
  setBusAway(isAway: boolean): void;
  /** An INVITE of the phone to a URI, by Kamailio. */
  dial(uri: string, options?: Partial<CallOptions> & { by?: SipEndpoint }): Promise<CallResult>;
  /** Resolves when every service that runs would decide so about a node of set 1; asking takes no capacity. */
  untilNodes(what: string, holds: (decision: NodeAnswer) => boolean): Promise<void>;
  address(host: number): string;
}

export interface LabOptions {
  /** further rows, beside the usual ones */
  seed?: (address: (host: number) => string) => string;
  kamailio?: (lab: {
    connectionString: string;
    address: (host: number) => string;
  }) => Promise<Partial<KamailioOptions>>;
}

export async function openLab(t: TestContext, options: LabOptions = {}): Promise<Lab> {
  const address = testAddresses();
  const { connectionString } = await testDatabase(t);
  const client = new pg.Client({ connectionString });
  await client.connect();
  t.after(() => client.end());
  await client.query(usualRows(address) + (options.seed?.(address) ?? ''));
  const database = await openCutProxy(connectionString);
  t.after(() => database.close());

  const pipe = createLoadPipe();
  const services = await startServices(t, { url: database.urlOf(connectionString), bus: pipe.bus });
  const endpoints = await openEndpoints(t, address);
  const beats = startBeats(t, pipe.say);
  const kamailio = await startKamailio({
    address: address(20),
    routing: services.map(({ port }) => `http://kamailio:secret@127.0.0.1:${port}`) as [string, string],
    list: `1 sip:${address(11)}:5060 0 0 weight=50\n1 sip:${address(12)}:5060 0 0 weight=50\n`,
    ...(await options.kamailio?.({ connectionString, address })),
  });
  t.after(() => kamailio.stop());
  t.after(() => {
    if (!(t as { passed?: boolean }).passed) t.diagnostic(kamailio.log().split('\n').slice(-40).join('\n'));
  });

  const untilNodes: Lab['untilNodes'] = (what, holds) =>
    until(what, async () => (await Promise.all(services.map(explainNode))).every(holds));
  const lab: Lab = {
    ...endpoints,
    kamailio,
    services,
    database,
    connectionString,
    sql: (text) => client.query(text),
    beat: beats.set,
    setBusAway: pipe.setAway,
    dial: (uri, { by = endpoints.phone, ...call } = {}) =>
      by.call({ proxy: kamailio.proxy, from: 'sip:1002@a.example', uri, ...call }),
    untilNodes,
    address,
  };
  await untilNodes('the nodes are heard', ({ result, degraded }) => result === 'route' && !degraded);
  return lab;
}

async function explainNode({ port }: RoutingService): Promise<NodeAnswer> {
  const headers = { authorization: `Basic ${Buffer.from('kamailio:secret').toString('base64')}` };
  const response = await fetch(`http://127.0.0.1:${port}/routing/explain?kind=node&set=1`, { headers });
  return ((await response.json()) as { decision: NodeAnswer }).decision;
}

async function openEndpoints(t: TestContext, address: (host: number) => string) {
  const [fs01, fs02, carrier1, carrier2, phone] = await Promise.all(
    [11, 12, 51, 52, 31].map((host) => openEndpoint(address(host))),
  );
  if (!fs01 || !fs02 || !carrier1 || !carrier2 || !phone) throw new Error('an endpoint is missing');
  const endpoints = { fs01, fs02, carrier1, carrier2, phone };
  t.after(() => {
    for (const endpoint of Object.values(endpoints)) endpoint.close();
  });
  return endpoints;
}

function startBeats(t: TestContext, say: (load: NodeLoad) => void) {
  const beats = new Map<string, Partial<NodeLoad>>([
    ['fs01', {}],
    ['fs02', {}],
  ]);
  const beat = () => {
    const now = Date.now() * 1000;
    for (const [node, load] of beats) say(loadOf(node, { ...USUAL, at_us: now, heartbeat_us: now, ...load }));
  };
  beat();
  const timer = setInterval(beat, BEAT_MS);
  t.after(() => clearInterval(timer));
  return {
    set: (node: string, load: Partial<NodeLoad> | null) => {
      if (load === null) beats.delete(node);
      else beats.set(node, load);
      beat();
    },
  };
}

async function startServices(
  t: TestContext,
  { url, bus }: { url: string; bus: ReturnType<typeof createLoadPipe>['bus'] },
): Promise<[RoutingService, RoutingService]> {
  const start = async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'routing-'));
    const config = loadConfig({
      DATABASE_URL: url,
      DATA_DIR: dataDir,
      KAMAILIO_PASSWORD: 'secret',
      ROUTING_PORT: '0',
      ROUTING_STALE_MS: String(STALE_MS),
      ROUTING_DELAY_LIMIT_MS: '5000',
    });
    const logger = createLogger({ service: 'routing', level: 'silent' });
    const pools = openDatabase({ config, logger });
    const metrics = createMetrics('routing');
    const service = createRoutingService({
      config,
      clock: createClock(),
      logger,
      metrics,
      database: pools,
      bus,
    });
    t.after(async () => {
      await service.stop().catch(() => undefined);
      await pools.stop();
      await rm(dataDir, { recursive: true, force: true });
    });
    await service.start();
    return service;
  };
  return [await start(), await start()];
}

function usualRows(address: (host: number) => string): string {
  return `
    insert into tenants (name) values ('one'), ('two');
    insert into domains (name, tenant, country, area_code) values
      ('a.example', 'one', 'DE', '30'), ('b.example', 'two', 'DE', '30');
    insert into nodes (switchname, esl_host, esl_password_encrypted, sip_uri) values
      ('fs01', '${address(11)}', 'x', 'sip:${address(11)}:5060'),
      ('fs02', '${address(12)}', 'x', 'sip:${address(12)}:5060');
    insert into dispatch_sets (set_id, name) values (1, 'all');
    insert into dispatch_members (set_id, node) values (1, 'fs01'), (1, 'fs02');
    insert into users (domain, user_id, ha1, ha1b)
      select domain, name, md5(name || ':' || domain || ':secret'), md5(name || '@' || domain || ':' || domain || ':secret')
      from (values ('a.example', '1001'), ('a.example', '1002'), ('b.example', '1001')) as people (domain, name);
    insert into did_routing (did, domain, dest_type, destination) values
      ('+4930100', 'a.example', 'extension', '1001'), ('+4930200', 'b.example', 'extension', '1001');
    insert into trunks (name, host) values ('carrier1', '${address(51)}'), ('carrier2', '${address(52)}');`;
}
