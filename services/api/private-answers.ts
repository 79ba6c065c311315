import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../../libs/http/app.ts';

/**
 * What the api tells is for one token or one session: no cache keeps it (a browser's on a shared machine would), and no
 * browser takes it for anything but what its type says. What a route says of itself stays.
 */
export function keepAnswersPrivate(closed: App): void {
  closed.addHook('onSend', async (_request: FastifyRequest, reply: FastifyReply) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    void reply.header('x-content-type-options', 'nosniff');
  });
}
