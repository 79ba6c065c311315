import { writeFileSync } from 'node:fs';
import { DASHBOARDS, dashboardJson } from './dashboards.ts';

/** `npx node checks/grafana/write-dashboards.ts`: writes integrations/grafana/dashboards anew. */
const FOLDER = new URL('../../integrations/grafana/dashboards/', import.meta.url);
for (const dashboard of DASHBOARDS) writeFileSync(new URL(dashboard.file, FOLDER), dashboardJson(dashboard));
