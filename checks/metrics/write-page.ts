import { writeFileSync } from 'node:fs';
import { metricsPage } from './page.ts';
import { serviceRegistries } from './registries.ts';

/** `npx node checks/metrics/write-page.ts`: writes docs/metrics.md anew. */
writeFileSync(new URL('../../docs/metrics.md', import.meta.url), metricsPage(await serviceRegistries()));
process.exit(0);
