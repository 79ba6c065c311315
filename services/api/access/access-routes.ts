import { Type } from 'typebox';
import { ROLES } from '../../../libs/provisioning/role.ts';
import { nullable } from '../../../libs/records/variables.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { accessOf } from './access.ts';

const Granted = Type.Object(
  {
    name: Type.String({ description: 'of the token' }),
    role: Type.Enum(ROLES),
    tenant: nullable(Type.String({ description: 'null: the whole fleet' })),
  },
  { title: 'Access' },
);

/** `GET /v1/access`: who asks, and what they may do. */
export function addAccessRoutes(app: ApiRoutes): void {
  app.get(
    '/v1/access',
    {
      config: { access: { role: 'analyst', tenant: 'own' } },
      schema: { summary: 'What this token may do', tag: 'access', response: { 200: Granted } },
    },
    async (request) => {
      const { name, role, tenant } = accessOf(request);
      return { name, role, tenant: tenant ?? null };
    },
  );
}
