import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { Author } from '../../../libs/provisioning/resource/resource.ts';
import type { SecretBox } from '../../../libs/sealing/secret-box.ts';
import { accessOf } from '../access/access.ts';

/** Who changes something, from the request that does. */
export function authorOf(request: FastifyRequest, box: SecretBox | undefined): Author {
  const { name, role, tenant } = accessOf(request);
  return {
    actor: name,
    role,
    tenant,
    address: request.ip,
    box: () => {
      if (box !== undefined) return box;
      throw new CodedError(
        'secrets-key-missing',
        'SECRETS_KEY must be set where the api runs: this is stored encrypted',
      );
    },
  };
}
