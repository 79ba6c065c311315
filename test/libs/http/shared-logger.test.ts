import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApp } from '../../../libs/http/app.ts';
import { sharedLogger } from '../../../libs/http/shared-logger.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';

test('a failure of a request that shares its logger is logged with its cause and URL', async (t) => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const logger = createLogger({ service: 'test', level: 'info', destination: { write } });
  const health = () => ({ ready: true, reasons: [] });
  const app = createApp({ logger: sharedLogger(logger), metrics: createMetrics('test'), health });
  t.after(() => app.close());
  app.get('/broken/:id', async () => {
    throw new Error('the disk is full');
  });
  assert.equal((await app.inject('/broken/7')).statusCode, 500);
  const [failure] = lines
    .map((line) => JSON.parse(line))
    .filter(({ level }) => String(level) === 'error' || level === 50);
  assert.equal(failure?.err?.message, 'the disk is full');
  assert.equal(failure?.url, '/broken/7');
});
