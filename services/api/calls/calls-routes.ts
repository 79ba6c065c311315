import type { ApiRoutes } from '../api-routes.ts';
import { addCallDetailRoutes } from './detail-routes.ts';
import { addExportRoutes, type ExportOptions } from './export-routes.ts';
import { addFacetRoutes } from './facet-routes.ts';
import { addSearchRoutes, type SearchOptions } from './search-routes.ts';

/** What happened: searches of calls and legs, one call whole, and exports. */
export function addCallsRoutes(app: ApiRoutes, options: SearchOptions & ExportOptions): void {
  addSearchRoutes(app, options);
  addFacetRoutes(app, options);
  addExportRoutes(app, options);
  addCallDetailRoutes(app, options.pool);
}
