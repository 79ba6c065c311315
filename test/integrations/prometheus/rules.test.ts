import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serviceRegistries } from '../../../checks/metrics/registries.ts';
import { alertRules, prometheusFiles, readYaml, ruleExpressions } from '../../support/alert-rules.ts';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('../../../integrations/prometheus/', import.meta.url));
const rules = alertRules();

interface PromtoolTest {
  tests: { promql_expr_test: { expr: string; exp_samples: unknown[] }[] }[];
}

test('promtool reads the example configuration and every rule', async () => {
  const { stdout } = await run('promtool', ['check', 'config', 'prometheus.yml'], { cwd });
  assert.match(stdout, /SUCCESS/);
  assert.ok(rules.length > 40);
});

for (const file of prometheusFiles('tests')) {
  test(`promtool test rules ${file}`, async () => {
    await run('promtool', ['test', 'rules', file], { cwd, timeout: 200_000 });
  });
}

test('every rule is tested: that it fires, and that it is silent', () => {
  const checks = prometheusFiles('tests').flatMap((file) =>
    readYaml<PromtoolTest>(file).tests.flatMap(({ promql_expr_test }) => promql_expr_test),
  );
  const of = ({ alert, labels: { window } }: (typeof rules)[number]) =>
    checks.filter(
      ({ expr }) =>
        expr.includes(`alertname="${alert}"`) &&
        (window === undefined || expr.includes(`window="${window}"`)),
    );
  const name = (rule: (typeof rules)[number]) => `${rule.alert} ${rule.labels.window ?? ''}`;
  const neverFires = rules.filter((rule) => !of(rule).some(({ exp_samples }) => exp_samples.length > 0));
  assert.deepEqual(neverFires.map(name), []);
  const neverSilent = rules.filter((rule) => !of(rule).some(({ exp_samples }) => exp_samples.length === 0));
  assert.deepEqual(neverSilent.map(name), ['Watchdog ']);
});

test('every rule says how bad it is, what happened, where the runbook is, and waits for a minute', () => {
  for (const rule of rules) {
    const { alert, labels, annotations } = rule;
    assert.ok(['critical', 'warning', 'none'].includes(labels.severity), alert);
    assert.ok(annotations.summary.length > 20, alert);
    assert.ok(annotations.runbook_url.endsWith(`/docs/runbooks/${alert}`), alert);
    assert.match(rule.for ?? '0', alert === 'Watchdog' ? /^0$/ : /^[1-9][0-9]*[mh]$/, alert);
  }
});

test('every metric of ours that a rule reads is one that a service registers', async () => {
  const registered = new Set(
    [...(await serviceRegistries()).values()].flatMap((registry) =>
      registry.getMetricsAsArray().map((metric) => metric.name),
    ),
  );
  const used = new Set(
    ruleExpressions()
      .flatMap((expr) => expr.match(/\b(?:switchfleet|kamailio_rpc|kamailio_dispatcher)_\w+/g) ?? [])
      .map((name) => (registered.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '')))
      .filter((name) => name !== 'switchfleet_'),
  );
  assert.ok(used.size > 25, 'the names were found');
  assert.deepEqual(
    [...used].filter((name) => !registered.has(name)),
    [],
  );
});
