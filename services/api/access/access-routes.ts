import { Type } from 'typebox';
import type { Pool } from '../../../libs/postgres/database.ts';
import { ROLES } from '../../../libs/provisioning/role.ts';
import { listTenantZones } from '../../../libs/provisioning/tenants.sql.ts';
import { nullable } from '../../../libs/records/variables.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { accessOf } from './access.ts';

const Granted = Type.Object(
  {
    name: Type.String({ description: 'of the token' }),
    role: Type.Enum(ROLES),
    tenant: nullable(Type.String({ description: 'null: the whole fleet' })),
    time_zones: Type.Array(Type.String(), { description: 'of the tenants that it reaches' }),
    homer_url: nullable(
      Type.String({
        description: "of a call's packets in Homer, with {call_id}, {from_ms} and {to_ms} to fill in",
      }),
    ),
  },
  { title: 'Access' },
);

export interface AccessOptions {
  pool: Pool;
  /** API_HOMER_URL */
  homerUrl: string | undefined;
}

/** `GET /v1/access`: who asks, and what they may do. */
export function addAccessRoutes(app: ApiRoutes, { pool, homerUrl }: AccessOptions): void {
  app.get(
    '/v1/access',
    {
      config: { access: { role: 'analyst', tenant: 'own' } },
      schema: { summary: 'What this token may do', tag: 'access', response: { 200: Granted } },
    },
    async (request) => {
      const { name, role, tenant } = accessOf(request);
      const time_zones = await listTenantZones(pool, tenant);
      // packets tell of every tenant's calls: who may see them is for the whole fleet
      return {
        name,
        role,
        tenant: tenant ?? null,
        time_zones,
        homer_url: (tenant === undefined ? homerUrl : undefined) ?? null,
      };
    },
  );
}
