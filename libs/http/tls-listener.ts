import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { Gauge } from 'prom-client';
import { messageOf } from '../errors/coded-error.ts';
import type { Registry } from '../telemetry/metrics.ts';
import type { App } from './app.ts';
import { readTls, type TlsConfig, type TlsMaterial, tlsFileState } from './tls-files.ts';

/** How often the files are looked at. */
const LOOK_MS = 10_000;
/** While the app closes: how often connections that have become idle are closed. */
const IDLE_MS = 50;
/** A client that is slower than this with its handshake gets none. */
const HANDSHAKE_MS = 10_000;

export interface TlsListenOptions {
  host: string;
  port: number;
  config: TlsConfig;
  material: TlsMaterial;
  metrics: Registry;
  /** milliseconds between two looks at the files, for tests */
  lookMs?: number | undefined;
}

/**
 * Serves an app over TLS: what comes out of the encryption is a connection of the app's own HTTP server, so that its time
 * limits and its closing hold as without. New files are used for new connections; files that do not fit together are
 * logged and the old ones kept.
 */
export async function listenTls(app: App, options: TlsListenOptions): Promise<number> {
  const { host, port, config, metrics, lookMs = LOOK_MS } = options;
  let material = options.material;
  const server = createServer({
    ...material.context,
    requestCert: material.asksClients,
    rejectUnauthorized: material.asksClients,
    handshakeTimeout: HANDSHAKE_MS,
    ALPNProtocols: ['http/1.1'],
  });
  server.on('secureConnection', (socket) => app.server.emit('connection', socket));
  server.on('tlsClientError', (error) =>
    app.log.debug({ reason: messageOf(error) }, 'a TLS handshake failed'),
  );

  let seen = tlsFileState(config);
  const look = () => {
    const state = tlsFileState(config);
    if (state === seen) return;
    seen = state;
    try {
      material = readTls(config) ?? material;
      server.setSecureContext(material.context);
      app.log.info({ subject: material.subject }, 'new certificate in use');
    } catch (error) {
      app.log.error(
        { reason: messageOf(error) },
        'the new TLS files cannot be used; the old ones stay in use',
      );
    }
  };
  const timer = setInterval(look, lookMs);
  timer.unref();
  app.addHook('preClose', async () => {
    clearInterval(timer);
    await closeServer(app, server);
  });
  showExpiry(metrics, () => material);
  await app.ready();
  server.listen(port, host);
  await once(server, 'listening');
  // from this event on Node's HTTP server knows its connections: it then keeps their time limits and can close idle ones
  app.server.emit('listening');
  return (server.address() as AddressInfo).port;
}

/** Takes no more connections and waits for those that are left: each is closed as soon as its request is answered. */
async function closeServer(app: App, server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // it never listened itself, and says so; what it ends here is its watch over time limits
  app.server.close(() => undefined);
  const timer = setInterval(() => app.server.closeIdleConnections(), IDLE_MS);
  try {
    app.server.closeIdleConnections();
    await closed;
  } finally {
    clearInterval(timer);
  }
}

/** Registers when the certificate expires that is presented just now. */
export function showExpiry(
  metrics: Registry,
  material: () => Pick<TlsMaterial, 'subject' | 'expiresAt'>,
): void {
  new Gauge({
    name: 'switchfleet_tls_certificate_expiry_timestamp_seconds',
    help: 'When the certificate that is presented expires, seconds since 1970',
    labelNames: ['subject'],
    registers: [metrics],
    collect() {
      this.reset();
      const { subject, expiresAt } = material();
      this.set({ subject }, expiresAt);
    },
  });
}
