import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from './stack/free-port.ts';
import type { Testing } from './stack/test-database.ts';
import { until } from './until.ts';

export interface PrometheusOptions {
  /** label `service` and host:port of each target */
  targets: readonly { service: string; target: string }[];
  /** texts of rule files by name */
  rules: Readonly<Record<string, string>>;
}

/** A real Prometheus (Debian's) that scrapes every second. */
export interface Prometheus {
  /** Values of a query by the values of one label. @throws Error with Prometheus' own words */
  query(expr: string): Promise<{ metric: Record<string, string>; value: number }[]>;
  /** Labels of the alerts that fire now. */
  firing(): Promise<Record<string, string>[]>;
}

/** Starts it on a folder of its own and waits until it answers. */
export async function startPrometheus(
  t: Testing,
  { targets, rules }: PrometheusOptions,
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-prometheus-'));
  mkdirSync(join(folder, 'rules'));
  for (const [name, text] of Object.entries(rules)) writeFileSync(join(folder, 'rules', name), text);
  const configuration = {
    global: { scrape_interval: '1s', evaluation_interval: '1s', scrape_timeout: '1s' },
    rule_files: ['rules/*.yml'],
    scrape_configs: [
      {
        job_name: 'switchfleet',
        honor_labels: true,
        static_configs: targets.map(({ service, target }) => ({ targets: [target], labels: { service } })),
      },
    ],
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(configuration));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${new URL(url).host}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const killOnExit = () => child.kill('SIGKILL');
  process.once('exit', killOnExit);
  const ended = new Promise((done) => child.once('close', done));
  t.after(async () => {
    process.off('exit', killOnExit);
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const get = async (path: string) => {
    const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(10_000) });
    return { ok: answer.ok, text: await answer.text() };
  };
  await until(
    'Prometheus is ready',
    async () => (await get('/-/ready').catch(() => undefined))?.ok === true,
    30_000,
  );
  return {
    query: async (expr) => {
      const { ok, text } = await get(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      if (!ok) throw new Error(`${expr}: ${text}`);
      const { data } = JSON.parse(text) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    firing: async () => {
      const { data } = JSON.parse((await get('/api/v1/alerts')).text) as {
        data: { alerts: { state: string; labels: Record<string, string> }[] };
      };
      return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels);
    },
  };
}
