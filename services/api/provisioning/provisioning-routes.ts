import { RESOURCES } from '../../../libs/provisioning/resources/all.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { addAuditRoutes } from './audit-routes.ts';
import { addBulkRoutes } from './bulk-routes.ts';
import { addExplainRoute } from './explain-routes.ts';
import { addNodeRoutes } from './node-routes.ts';
import { addPreviewRoutes } from './preview-routes.ts';
import { addResourceRoutes, type ResourceDeps } from './resource-routes.ts';

/** Everything under /v1 that configures the fleet, and who did. */
export function addProvisioningRoutes(app: ApiRoutes, deps: ResourceDeps): void {
  for (const resource of RESOURCES) addResourceRoutes(app, resource, deps);
  addBulkRoutes(
    app,
    RESOURCES.filter(({ isBulk }) => isBulk),
    deps,
  );
  addNodeRoutes(app, deps);
  addExplainRoute(app, deps.pool);
  addPreviewRoutes(app, deps);
  addAuditRoutes(app, deps.pool);
}
