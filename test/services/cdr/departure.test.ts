import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createCdrApp } from '../../../services/cdr/cdr-app.ts';
import { createCheck } from '../../../services/cdr/credential.ts';
import { until } from '../../support/until.ts';
import { createFakeBus } from './fake-bus.ts';

const AUTHORIZATION = `Basic ${Buffer.from('freeswitch:secret').toString('base64')}`;

test('a client that goes away in the middle of its body leaves its room to others', async (t) => {
  const metrics = createMetrics('cdr');
  const config = loadConfig({ FREESWITCH_PASSWORD: 'secret' });
  const bus = createFakeBus();
  const app = createCdrApp({
    config,
    clock: createClock(),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics,
    bus,
    check: createCheck(config, undefined),
    health: () => ({ ready: true, reasons: [] }),
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const inside = (posts: number) => async () =>
    (await metrics.metrics()).includes(`switchfleet_cdr_in_flight{of="posts",service="cdr"} ${posts}\n`);

  // the first is answered without Fastify, the second by it
  for (const framing of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.write(
      `POST /cdr HTTP/1.1\r\nHost: cdr\r\nAuthorization: ${AUTHORIZATION}\r\n${framing}\r\n\r\n5\r\ncdr=%`,
    );
    await until(`a post with ${framing} is under way`, inside(1));
    socket.destroy();
    await until('its room is free', inside(0));
  }
  assert.deepEqual(bus.published, [], 'nothing of them was taken for a CDR');
});
