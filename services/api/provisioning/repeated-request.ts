import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { RepeatedRequest } from '../../../libs/provisioning/resource/repeated-request.ts';
import { accessOf } from '../access/access.ts';

/** What makes a create the same when it comes again; undefined: it has no Idempotency-Key, or is a dry run. */
export function repeatOf(request: FastifyRequest): RepeatedRequest | undefined {
  const key = request.headers['idempotency-key'];
  const { dry_run: dryRun } = request.query as { dry_run?: boolean };
  if (typeof key !== 'string' || dryRun) return undefined;
  const { tokenId, name } = accessOf(request);
  const hash = createHash('sha256')
    .update(`${request.url}\n${JSON.stringify(request.body)}`)
    .digest('hex');
  return { token: tokenId ?? name, key, hash };
}
