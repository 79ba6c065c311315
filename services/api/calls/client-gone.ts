import type { FastifyReply } from 'fastify';

/** Aborts when the client goes away before its answer is written: what it asked for need not be found any more. */
export function whenGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
