import type { FastifyReply } from 'fastify';
import { CodedError } from '../../../libs/errors/coded-error.ts';

/** Aborts when the client goes away before its answer is written: what it asked for need not be found any more. */
export function whenGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new CodedError('cancelled', 'the client went away'));
  });
  return gone.signal;
}
