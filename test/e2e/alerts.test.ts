import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { DASHBOARDS } from '../../checks/grafana/dashboards.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { Fleet } from '../support/simulator/fleet.ts';
import { loadRecording } from '../support/simulator/recording.ts';
import { until } from '../support/until.ts';
import { SERVICES, startFleetMode } from './fleet-mode.ts';
import { addNodes, switchfleet } from './product.ts';

const RULES = new URL('../../integrations/prometheus/rules/', import.meta.url);
/** An event that takes Prometheus two scrapes and two evaluations at the least, on a machine that has other things to do. */
const NOTICED_MS = 120_000;

/** The rules as they are shipped, but for time: a minute is a second, and a lag of a minute is one of three seconds. */
function quickRules(file: string): string {
  return readFileSync(new URL(file, RULES), 'utf8')
    .replace(/(\bfor: |\[|offset )(\d+)m\b/g, '$1$2s')
    .replace('_lag_seconds"}) > 60', '_lag_seconds"}) > 3');
}

/** What stands between a node and cdr: it can be cut. */
async function startRelay(t: TestContext, target: string) {
  const server = createServer((incoming, outgoing) => {
    const forwarded = request(new URL(incoming.url ?? '/', target), {
      method: incoming.method,
      headers: incoming.headers,
    });
    forwarded.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    server.close();
    server.closeAllConnections();
  };
  t.after(cut);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut };
}

/** Waits until an alert fires (or no longer does) that has these labels. */
function alerting(prometheus: Prometheus, labels: Record<string, string>, isExpected = true): Promise<void> {
  const name = JSON.stringify(labels);
  return until(
    isExpected ? `${name} fires` : `${name} has resolved`,
    async () =>
      (await prometheus.firing()).some((alert) =>
        Object.entries(labels).every(([label, value]) => alert[label] === value),
      ) === isExpected,
    NOTICED_MS,
  );
}

async function openFleet(t: TestContext) {
  const product = await startFleetMode(t, {
    KAFKA_NAMESPACE: `alerts-${randomBytes(4).toString('hex')}`,
    KAFKA_PARTITIONS: '2',
  });
  const relay = await startRelay(t, product.cdrUrl);
  const credentials = product.freeswitch;
  const fleet = new Fleet({
    recording: loadRecording('run-01'),
    nodes: 3,
    password: 'ClueCon',
    heartbeatMs: 2_000,
    cdr: (name) => ({
      urls: [`${name === 'fs03' ? relay.url : product.cdrUrl}/cdr`],
      credentials,
      retries: 0,
    }),
    directory: { url: `${product.directoryUrl}/freeswitch`, credentials },
  });
  t.after(() => fleet.stop());
  await fleet.start();
  await addNodes(product, fleet.nodes, 'ClueCon');
  await fleet.subscribed({ timeoutMs: 60_000 });
  const prometheus = await startPrometheus(t, {
    targets: SERVICES.map((service) => ({ service, target: new URL(product.urls[service]).host })),
    rules: Object.fromEntries(['fleet.yml', 'services.yml'].map((file) => [file, quickRules(file)])),
  });
  return { product, relay, fleet, prometheus };
}

test('a fleet with real Prometheus: its alerts fire when they should, and go again', async (t) => {
  const { product, relay, fleet, prometheus } = await openFleet(t);
  const playing = fleet.load({ cps: 4, seconds: 600 });
  t.after(() => playing.stop());

  await t.test(
    'all is well: every target is up, every node sends CDRs, nothing but the watchdog fires',
    async () => {
      await until(
        'every node sent CDRs for a while',
        async () => (await prometheus.query('rate(switchfleet_cdr_node_posts_total[10s]) > 0')).length === 3,
        NOTICED_MS,
      );
      // a scrape that a busy machine kept waiting counts as down until the next one
      await until(
        'every target and every node is up',
        async () =>
          (await prometheus.query('up == 1')).length === SERVICES.length &&
          (await prometheus.query('switchfleet_node_up == 1')).length === 3,
        NOTICED_MS,
      );
      await until(
        'nothing but the watchdog fires',
        async () => (await prometheus.firing()).every(({ alertname }) => alertname === 'Watchdog'),
        NOTICED_MS,
      );
      await alerting(prometheus, { alertname: 'Watchdog' });
    },
  );

  await t.test('every query of every panel of the dashboards has an answer', async () => {
    const queries = DASHBOARDS.flatMap(({ title, panels }) =>
      panels.flatMap((panel) => panel.queries.map(([expr]) => ({ panel: `${title}: ${panel.title}`, expr }))),
    );
    assert.ok(queries.length > 40);
    let silent = queries;
    await until(
      'every query has an answer',
      async () => {
        const answers = silent.map(({ expr }) =>
          prometheus.query(
            expr.replaceAll('$__rate_interval', '15s').replace(/\$(?:node|tenant|trunk)/g, '.*'),
          ),
        );
        const found = await Promise.all(answers);
        silent = silent.filter((_, at) => !found[at]?.some(({ value }) => Number.isFinite(value)));
        return silent.length === 0;
      },
      NOTICED_MS,
    ).catch(() =>
      assert.deepEqual(
        silent.map(({ panel }) => panel),
        [],
      ),
    );
  });

  await t.test('docs/metrics.md knows every metric that is shown', async () => {
    const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    for (const service of SERVICES) {
      const text = await (await fetch(`${product.urls[service]}/metrics`)).text();
      const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
      assert.ok(names.length > 10, service);
      assert.deepEqual(
        names.filter((name) => !page.includes(`\`${name}\``)),
        [],
        `${service} shows more`,
      );
    }
  });

  await t.test('doctor finds nothing that failed', async () => {
    const printed = await switchfleet(
      { ...product, cliEnvironment: { ...product.cliEnvironment, ...product.environment } },
      'doctor',
    );
    assert.match(printed, /^ok +node fs01 +event socket, login and name$/m);
    assert.match(printed, /^ok +services +7 instances run$/m);
  });

  await t.test('a killed node, a stopped writer, a node that sends no CDRs', async () => {
    await fleet.node('fs02').kill();
    await product.processes.get('writer')?.stop('SIGKILL');
    relay.cut();
    await alerting(prometheus, { alertname: 'NodeDown', node: 'fs02' });
    await alerting(prometheus, { alertname: 'ConsumerLag', group: 'writer' });
    await alerting(prometheus, { alertname: 'WorkerUnreachable', service: 'writer' });
    await alerting(prometheus, { alertname: 'CdrGap', node: 'fs03' });
    const others = (await prometheus.firing()).filter(
      ({ alertname, node }) => (alertname === 'CdrGap' || alertname === 'NodeDown') && node === 'fs01',
    );
    assert.deepEqual(others, [], 'fs01 is well');
  });

  await t.test('they resolve when the node and the writer are back', async () => {
    await fleet.node('fs02').start();
    await product.startAgain('writer');
    await alerting(prometheus, { alertname: 'NodeDown' }, false);
    await alerting(prometheus, { alertname: 'ConsumerLag' }, false);
    await alerting(prometheus, { alertname: 'WorkerUnreachable' }, false);
  });
});
