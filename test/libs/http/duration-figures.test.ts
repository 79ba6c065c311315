import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { DurationFigures } from '../../../libs/http/duration-figures.ts';

test('a duration falls into its bucket and all above it, the sum and the count', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ service: 'lab' });
  const figures = new DurationFigures({ name: 'd', help: 'h', labelNames: ['route'], buckets: [0.1, 1] });
  figures.register(registry);
  for (const seconds of [0.05, 0.1, 0.5, 3]) figures.observe('a', ['/a'], seconds);
  const text = await registry.metrics();
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('d')),
    [
      'd_bucket{le="0.1",route="/a",service="lab"} 2',
      'd_bucket{le="1",route="/a",service="lab"} 3',
      'd_bucket{le="+Inf",route="/a",service="lab"} 4',
      'd_sum{route="/a",service="lab"} 3.65',
      'd_count{route="/a",service="lab"} 4',
    ],
  );
  assert.match(text, /# TYPE d histogram/);
});
