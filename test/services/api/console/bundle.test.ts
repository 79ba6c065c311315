import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApp } from '../../../../libs/http/app.ts';
import { createLogger } from '../../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import { addBundleRoutes } from '../../../../services/api/console/bundle-routes.ts';

const file = { type: 'text/html', etag: '"1"', bytes: Buffer.from('<p>'), zipped: Buffer.from('') };

async function policyOf(mediaOrigin?: string): Promise<Record<string, string>> {
  const app = createApp({
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
    health: () => ({ ready: true, reasons: [] }),
  });
  addBundleRoutes(app, { read: async () => new Map([['index.html', file]]), mediaOrigin });
  const answer = await app.inject({ url: '/console/calls/x' });
  await app.close();
  assert.equal(answer.statusCode, 200);
  const rules = String(answer.headers['content-security-policy']).split('; ');
  return Object.fromEntries(rules.map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]));
}

test('the page loads nothing from elsewhere, and runs no text; recordings may be where they are', async () => {
  const policy = await policyOf();
  assert.equal(policy['default-src'], "'self'");
  assert.equal(policy['require-trusted-types-for'], "'script'");
  assert.equal(policy['media-src'], undefined);
  const elsewhere = await policyOf('https://recordings.test');
  assert.equal(elsewhere['media-src'], "'self' https://recordings.test");
  assert.equal(elsewhere['default-src'], "'self'");
});
