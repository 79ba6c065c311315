import formbody from '@fastify/formbody';
import Fastify from 'fastify';

/** What the directory is measured against: Fastify as it comes, that parses the same form and answers one text. */
const app = Fastify();
app.register(formbody);

process.on('message', async (size: number) => {
  const answer = 'x'.repeat(size);
  app.post('/*', async (_request, reply) => reply.header('content-type', 'text/xml').send(answer));
  await app.listen({ host: '127.0.0.1', port: 0 });
  process.send?.((app.server.address() as { port: number }).port);
});
process.on('disconnect', () => process.exit(0));
