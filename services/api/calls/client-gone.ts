import type { FastifyReply } from 'fastify';
import { CodedError } from '../../../libs/errors/coded-error.ts';

/** Aborts when the client goes away before its answer is written: what it asked for need not be found any more. */
export function whenGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const leave = () => {
    if (!reply.raw.writableFinished) gone.abort(new CodedError('cancelled', 'the client went away'));
  };
  // it may have gone while its token was looked up: that tells nobody twice
  if (reply.raw.closed) leave();
  else reply.raw.once('close', leave);
  return gone.signal;
}
