import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DASHBOARDS, dashboardJson } from '../../../checks/grafana/dashboards.ts';
import { serviceRegistries } from '../../../checks/metrics/registries.ts';

const FOLDER = new URL('../../../integrations/grafana/dashboards/', import.meta.url);

test('the dashboards are those that checks/grafana makes, each with a data source of your choice', () => {
  assert.deepEqual(readdirSync(FOLDER).sort(), DASHBOARDS.map(({ file }) => file).sort());
  for (const dashboard of DASHBOARDS) {
    const text = readFileSync(new URL(dashboard.file, FOLDER), 'utf8');
    assert.deepEqual(
      JSON.parse(text),
      JSON.parse(dashboardJson(dashboard)),
      'run `npx node checks/grafana/write-dashboards.ts`',
    );
    const sources = new Set([...text.matchAll(/"uid": "([^"]+)"/g)].map(([, uid]) => uid));
    assert.equal(sources.size, 2, 'its own name, and one data source that is a variable');
    assert.equal(new Set(dashboard.panels.map(({ title }) => title)).size, dashboard.panels.length);
  }
});

test('every metric of a panel or a variable is one that a service registers', async () => {
  const registered = new Set(
    [...(await serviceRegistries()).values()].flatMap((registry) =>
      registry.getMetricsAsArray().map(({ name }) => name),
    ),
  );
  const texts = DASHBOARDS.flatMap(({ panels, variables }) => [
    ...panels.flatMap(({ queries }) => queries.map(([expr]) => expr)),
    ...variables.map(([, query]) => query),
  ]);
  const used = texts.flatMap((text) => text.match(/\b(?:switchfleet|process)_\w+/g) ?? []);
  assert.ok(used.length > 40);
  const unknown = used.filter(
    (name) => !registered.has(name) && !registered.has(name.replace(/_(?:bucket|sum|count)$/, '')),
  );
  assert.deepEqual(unknown, []);
});
