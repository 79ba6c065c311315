import { writeFileSync } from 'node:fs';
import { prometheusRules } from './rules.ts';

/** `npx node checks/kubernetes/write-rules.ts`: writes k8s/components/monitoring/rules.yaml anew. */
writeFileSync(new URL('../../k8s/components/monitoring/rules.yaml', import.meta.url), prometheusRules());
