import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { metricsPage } from '../../checks/metrics/page.ts';
import { serviceRegistries } from '../../checks/metrics/registries.ts';

const registries = await serviceRegistries();
const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

test('docs/metrics.md says what the services register', () => {
  assert.equal(page, metricsPage(registries), 'run `npx node checks/metrics/write-page.ts`');
});

for (const [service, registry] of registries) {
  test(`promtool finds nothing wrong with the names of ${service}`, async () => {
    const input = await registry.metrics();
    assert.ok(input.includes('# TYPE switchfleet_'), 'there is something to look at');
    const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    });
    assert.equal(error, undefined, 'promtool is in the Debian package prometheus');
    assert.equal(status, 0, stdout + stderr);
  });
}
