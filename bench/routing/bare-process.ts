import Fastify from 'fastify';

/** What the others are measured against: Fastify as it comes, answering one text. */
const ANSWER = { result: 'route', destination: '1001' };
const app = Fastify();
app.get('/*', async () => ANSWER);

process.on('message', async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  process.send?.((app.server.address() as { port: number }).port);
});
process.on('disconnect', () => process.exit(0));
