import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { alertRules } from '../../support/alert-rules.ts';
import { freePort } from '../../support/stack/free-port.ts';
import { until } from '../../support/until.ts';

const run = promisify(execFile);
const FILE = fileURLToPath(new URL('../../../integrations/alertmanager/alertmanager.yml', import.meta.url));

test('amtool reads the example, and it tells the right people', async () => {
  const { stdout } = await run('amtool', ['check-config', FILE]);
  assert.match(stdout, /SUCCESS/);
  const receiverOf = async (...labels: string[]) =>
    (await run('amtool', ['config', 'routes', 'test', `--config.file=${FILE}`, ...labels])).stdout.trim();
  assert.equal(await receiverOf('alertname=NodeDown', 'severity=critical'), 'pager');
  assert.equal(await receiverOf('alertname=NodeSessionsHigh', 'severity=warning'), 'ticket');
  assert.equal(await receiverOf('alertname=Watchdog', 'severity=none'), 'watchdog');
});

interface Posted {
  labels: Record<string, string>;
  status: { state: string };
}

/** Debian's Alertmanager with the example, without peers. */
async function startAlertmanager(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-alertmanager-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${FILE}`,
      `--storage.path=${folder}`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((done) => child.once('close', done));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const get = (path: string) => fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000) });
  await until(
    'Alertmanager is ready',
    async () => (await get('/-/ready').catch(() => undefined))?.ok === true,
    20_000,
  );
  return { url, get };
}

test('a node that is down silences its other alerts, and the bus what stands still because of it', async (t) => {
  const { url, get } = await startAlertmanager(t);
  const severities = new Map(alertRules().map(({ alert, labels }) => [alert, labels.severity]));
  const add = (alertname: string, ...labels: string[]) => {
    const severity = severities.get(alertname);
    assert.ok(severity, `${alertname} is an alert of ours`);
    return run('amtool', [
      `--alertmanager.url=${url}`,
      'alert',
      'add',
      alertname,
      `severity=${severity}`,
      ...labels,
    ]);
  };
  await add('NodeDown', 'node=fs01');
  await add('NodeSessionsHigh', 'node=fs01');
  await add('CdrGap', 'node=fs01');
  await add('NodeSessionsHigh', 'node=fs02');
  await add('BusAway', 'service=cdr');
  await add('ConsumerLag', 'group=writer');
  await add('EdgeGone', 'service=routing');
  await add('EdgeUnreachable', 'service=routing', 'instance=a');
  await add('EdgeUnreachable', 'service=directory', 'instance=b');
  const states = async () => {
    const alerts = (await (await get('/api/v2/alerts')).json()) as Posted[];
    return Object.fromEntries(
      alerts.map(({ labels: { alertname, node, group, service }, status }) => [
        [alertname, node ?? group ?? service].join(' '),
        status.state,
      ]),
    );
  };
  const expected = {
    'NodeDown fs01': 'active',
    'NodeSessionsHigh fs01': 'suppressed',
    'CdrGap fs01': 'suppressed',
    'NodeSessionsHigh fs02': 'active',
    'BusAway cdr': 'active',
    'ConsumerLag writer': 'suppressed',
    'EdgeGone routing': 'active',
    'EdgeUnreachable routing': 'suppressed',
    'EdgeUnreachable directory': 'active',
  };
  // an alert's state is told once its group was looked at, after group_wait
  await until(
    'all are judged',
    async () => JSON.stringify(sorted(await states())) === JSON.stringify(sorted(expected)),
    60_000,
  ).catch(async () => assert.deepEqual(sorted(await states()), sorted(expected)));
});

function sorted(states: Record<string, string>): [string, string][] {
  return Object.entries(states).sort(([a], [b]) => (a < b ? -1 : 1));
}
