import { readdirSync, readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

const RULES = new URL('../../integrations/prometheus/rules/', import.meta.url);

/** k8s/components/monitoring/rules.yaml: a PrometheusRule for each file of integrations/prometheus/rules. */
export function prometheusRules(): string {
  const resources = readdirSync(RULES)
    .sort()
    .map((file) => ({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: `switchfleet-${file.replace(/\.yml$/, '')}` },
      spec: parse(readFileSync(new URL(file, RULES), 'utf8')) as object,
    }));
  const head = '# made of integrations/prometheus/rules by `npx node checks/kubernetes/write-rules.ts`\n';
  return head + resources.map((resource) => stringify(resource, { lineWidth: 0 })).join('---\n');
}
