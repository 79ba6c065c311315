import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { loadConfig } from '../../../libs/config/config.ts';
import { createApp } from '../../../libs/http/app.ts';
import { listen } from '../../../libs/http/listen.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createAuthority } from '../../support/certificates.ts';
import { until } from '../../support/until.ts';

function makeApp(t: TestContext) {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'test',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  const metrics = createMetrics('test');
  const app = createApp({ logger, metrics, health: () => ({ ready: true, reasons: [] }) });
  t.after(() => app.close());
  return { app, lines, metrics };
}

interface Answered {
  status: number;
  body: string;
  /** who the server said it is */
  subject: string;
}

function get(port: number, options: RequestOptions, path = '/health/live'): Promise<Answered> {
  return new Promise((done, fail) => {
    const asking = request({ host: '127.0.0.1', port, path, agent: false, timeout: 10_000, ...options });
    asking.on('response', (answer) => {
      let body = '';
      const { CN: subject = '' } = (answer.socket as TLSSocket).getPeerCertificate().subject ?? {};
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('end', () => done({ status: answer.statusCode ?? 0, body, subject: String(subject) }));
    });
    asking.on('error', fail);
    asking.end();
  });
}

test('a listener speaks TLS, and takes a new certificate without a restart, but no broken one', async (t) => {
  const authority = createAuthority(t);
  const [first, second] = [authority.issue('first'), authority.issue('second', { days: 5 })];
  const files = { certificate: join(authority.folder, 'tls.crt'), key: join(authority.folder, 'tls.key') };
  copyFileSync(first.certificate, files.certificate);
  copyFileSync(first.key, files.key);
  const { app, lines, metrics } = makeApp(t);
  const config = loadConfig({ HTTP_TLS_CERTIFICATE: files.certificate, HTTP_TLS_PRIVATE_KEY: files.key });
  const port = await listen(app, { host: '127.0.0.1', port: 0, tls: config, lookMs: 20 });
  const ca = readFileSync(authority.certificate);
  const answer = await get(port, { ca });
  assert.deepEqual([answer.status, answer.body, answer.subject], [200, '{"live":true}', 'first']);
  await assert.rejects(get(port, {}), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  await assert.rejects(fetch(`http://127.0.0.1:${port}/health/live`), 'no plain HTTP there');
  const expiry = async () =>
    Number(/expiry_timestamp_seconds\{subject="CN=(\w+)"[^}]*\} (\d+)/.exec(await metrics.metrics())?.[2]);
  const firstExpiry = await expiry();
  assert.ok(Math.abs(firstExpiry - Date.now() / 1000 - 20 * 86_400) < 3_600);

  writeFileSync(files.certificate, readFileSync(second.certificate));
  await until('the pair that does not fit was refused', () =>
    lines.some((line) => line.includes('cannot be used')),
  );
  assert.equal((await get(port, { ca })).subject, 'first');
  writeFileSync(files.key, readFileSync(second.key));
  await until('the new certificate is presented', async () => (await get(port, { ca })).subject === 'second');
  assert.ok((await expiry()) < firstExpiry);
});

test('with a CA for clients only those with its certificate come in', async (t) => {
  const authority = createAuthority(t);
  const own = authority.issue('server');
  const stranger = createAuthority(t).issue('stranger');
  const { app } = makeApp(t);
  const config = loadConfig({
    HTTP_TLS_CERTIFICATE: own.certificate,
    HTTP_TLS_PRIVATE_KEY: own.key,
    HTTP_TLS_CLIENT_CA: authority.certificate,
  });
  const port = await listen(app, { host: '127.0.0.1', port: 0, tls: config });
  const ca = readFileSync(authority.certificate);
  const as = ({ certificate, key }: typeof own) =>
    get(port, { ca, cert: readFileSync(certificate), key: readFileSync(key) });
  assert.equal((await as(authority.issue('client'))).status, 200);
  await assert.rejects(as(stranger));
  await assert.rejects(get(port, { ca }));
});

test('closing answers the request in hand, ends idle connections and takes no more', async (t) => {
  const authority = createAuthority(t);
  const own = authority.issue('server');
  const { app } = makeApp(t);
  const held = Promise.withResolvers<string>();
  let isAsked = false;
  app.get('/slow', () => {
    isAsked = true;
    return held.promise;
  });
  const config = loadConfig({ HTTP_TLS_CERTIFICATE: own.certificate, HTTP_TLS_PRIVATE_KEY: own.key });
  const port = await listen(app, { host: '127.0.0.1', port: 0, tls: config });
  const ca = readFileSync(authority.certificate);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await get(port, { ca, agent });
  const slow = get(port, { ca, agent: new Agent({ keepAlive: true }) }, '/slow');
  await until('the slow question is there', () => isAsked);
  const closed = app.close();
  held.resolve('done');
  assert.equal((await slow).body, 'done');
  await closed;
  await assert.rejects(get(port, { ca }), { code: 'ECONNREFUSED' });
});

test('half a configuration, and files that are none, stop the start with a code', async (t) => {
  const authority = createAuthority(t);
  const own = authority.issue('server');
  const start = (environment: Record<string, string>) =>
    listen(makeApp(t).app, { host: '127.0.0.1', port: 0, tls: loadConfig(environment) });
  await assert.rejects(start({ HTTP_TLS_CERTIFICATE: own.certificate }), { code: 'tls-incomplete' });
  await assert.rejects(start({ HTTP_TLS_CLIENT_CA: authority.certificate }), { code: 'tls-incomplete' });
  await assert.rejects(
    start({ HTTP_TLS_CERTIFICATE: own.certificate, HTTP_TLS_PRIVATE_KEY: '/no/such/file' }),
    {
      code: 'tls-unusable',
    },
  );
});
