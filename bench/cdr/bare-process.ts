import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';

/** Baseline (a): bare Fastify that reads the same body and answers 200. */
const app = Fastify({ bodyLimit: 16 * 1024 * 1024 });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post('/*', async () => ({ durable: false }));
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`ready ${(app.server.address() as AddressInfo).port}\n`);
process.once('SIGTERM', () => process.exit(0));
