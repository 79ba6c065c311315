import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { prometheusRules } from '../../checks/kubernetes/rules.ts';
import { VARIABLES } from '../../libs/config/variables.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8');

interface Probe {
  httpGet: { path: string; port: string };
  failureThreshold?: number;
  periodSeconds: number;
}

interface Manifest {
  kind: string;
  /** a kustomization has none */
  metadata: { name: string };
  spec: {
    selector?: { matchLabels?: Record<string, string> };
    ports?: { port: number; targetPort: string }[];
    maxUnavailable?: number;
    template?: {
      spec: {
        terminationGracePeriodSeconds: number;
        automountServiceAccountToken: boolean;
        containers: {
          args: string[];
          ports?: { name: string; containerPort: number }[];
          startupProbe?: Probe;
          livenessProbe?: Probe;
          readinessProbe?: Probe;
          lifecycle?: { preStop: { sleep: { seconds: number } } };
          securityContext: { readOnlyRootFilesystem: boolean };
        }[];
      };
    };
  };
}

const manifests = globSync('k8s/{base,components/*}/*.yaml', { cwd: ROOT })
  .flatMap((file) => parseAllDocuments(read(file)).map((document) => document.toJS() as Manifest))
  .filter(({ metadata }) => metadata !== undefined);
const deployments = manifests.filter(({ kind }) => kind === 'Deployment');

/** The default port of a service, from its variable. */
function portOf(service: string): number {
  const variables: Record<string, { default: unknown }> = VARIABLES;
  return Number(variables[`${service.toUpperCase()}_PORT`]?.default);
}

test('every Deployment listens where its service does, and its probes mean different things', () => {
  assert.equal(deployments.length, 7);
  for (const { metadata, spec } of deployments) {
    const [container] = spec.template?.spec.containers ?? [];
    assert.ok(container, metadata.name);
    assert.deepEqual(container.args, [metadata.name]);
    assert.equal(container.ports?.[0]?.containerPort, portOf(metadata.name), metadata.name);
    assert.equal(container.startupProbe?.httpGet.path, '/health/live');
    assert.equal(container.livenessProbe?.httpGet.path, '/health/live');
    assert.equal(container.readinessProbe?.httpGet.path, '/health/ready');
    const { failureThreshold = 0, periodSeconds = 0 } = container.startupProbe ?? {};
    assert.ok(failureThreshold * periodSeconds >= 60, 'longer than a slow machine takes to listen');
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
  }
});

test('a pod has time for its delay, its drain and its end; one of each may be away at a time', () => {
  const configuration = manifests.find(({ kind }) => kind === 'ConfigMap') as unknown as {
    data: Record<string, string>;
  };
  const drain = Number(configuration.data['DRAIN_MS']) / 1000;
  for (const { metadata, spec } of deployments) {
    const pod = spec.template?.spec;
    const delay = pod?.containers[0]?.lifecycle?.preStop.sleep.seconds ?? 0;
    // a process ends within 30 s of its signal, drain included
    assert.ok((pod?.terminationGracePeriodSeconds ?? 0) > delay + 30, metadata.name);
    assert.ok(delay > 0 && drain > 0 && drain < 30);
    const budget = manifests.find(
      ({ kind, metadata: { name } }) => kind === 'PodDisruptionBudget' && name === metadata.name,
    );
    assert.equal(budget?.spec.maxUnavailable, 1, metadata.name);
    assert.deepEqual(budget?.spec.selector?.matchLabels, { 'app.kubernetes.io/name': metadata.name });
  }
});

test('the migration’s Job is named by this release, so that the next one is another Job', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const job = manifests.find(({ kind }) => kind === 'Job');
  assert.equal(job?.metadata.name, `migrate-${version.replaceAll('.', '-')}`);
});

test('the PrometheusRules are those of integrations/prometheus', () => {
  assert.equal(
    read('k8s/components/monitoring/rules.yaml'),
    prometheusRules(),
    'run `npx node checks/kubernetes/write-rules.ts`',
  );
});

interface Compose {
  services: Record<
    string,
    {
      image: string;
      command?: string[];
      read_only?: boolean;
      mem_limit?: string;
      ports?: string[];
      volumes?: string[];
      healthcheck?: { test: string[]; start_period: string };
    }
  >;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);

test('every service of the compose file is asked whether it is ready, and has a limit', () => {
  const others = ['migrate', 'simulator'];
  const ours = services.filter(
    ([name, { image }]) => image.startsWith('switchfleet') && !others.includes(name),
  );
  assert.equal(ours.length, 10);
  for (const [name, { command = [], healthcheck, mem_limit, read_only }] of ours) {
    assert.ok(portOf(command[0] ?? '') > 0, `${name} runs a service that listens`);
    assert.deepEqual(healthcheck?.test, ['CMD', 'node', '/app/services/cli/ready.ts']);
    assert.ok(
      Number.parseInt(healthcheck?.start_period ?? '0', 10) > 300,
      'longer than a start waits for the schema',
    );
    assert.ok(read_only, name);
    assert.ok(mem_limit, name);
  }
  assert.deepEqual(
    services.filter(([, { mem_limit }]) => mem_limit === undefined).map(([name]) => name),
    [],
    'nothing may take all of the machine',
  );
});

test('nothing is published beyond loopback unless told so; only what people and servers need is published', () => {
  const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => ({ name, port })));
  assert.ok(published.every(({ port }) => /^\$\{BIND:-127\.0\.0\.1\}:/.test(port)));
  const names = [...new Set(published.map(({ name }) => name))].sort();
  assert.deepEqual(names, ['alertmanager', 'api', 'grafana', 'haproxy', 'prometheus']);
});

test('HAProxy and Prometheus name the services of the compose file; their files are where it mounts them from', () => {
  const names = new Set(services.map(([name]) => name));
  const servers = [...read('integrations/haproxy/haproxy.cfg').matchAll(/^ {4}server \S+ (\w+):(\d+)/gm)];
  assert.equal(servers.length, 6);
  for (const [, name = '', port] of servers) {
    assert.ok(names.has(name), name);
    assert.equal(Number(port), portOf(name.replace(/\d$/, '')), name);
  }
  const targets = [
    ...read('integrations/prometheus/prometheus.yml').matchAll(
      /"(?:api|directory|cdr|routing|collector|writer|merger)\d?:\d+"/g,
    ),
  ].map(([target]) => target);
  assert.equal(targets.length, 11, 'ten instances, and the collector again for the exporters’ names');
  for (const target of targets) assert.ok(names.has(target.slice(1).split(':')[0] ?? ''), target);
  for (const [, { volumes = [] }] of services)
    for (const source of volumes
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((path) => path.startsWith('./')))
      assert.ok(globSync(source.slice(2), { cwd: ROOT }).length === 1, source);
});

test('the image holds what the services read: migrations, integrations, the alerts’ pages', () => {
  const copied: string[] = read('Dockerfile').match(/^COPY (?!--)(\S+)/gm) ?? [];
  for (const path of ['migrations', 'integrations', 'libs', 'services', 'docs/runbooks']) {
    assert.ok(copied.includes(`COPY ${path}`), path);
    assert.ok(read('.dockerignore').includes(`!${path}`), path);
  }
  assert.match(read('Dockerfile'), /^USER \d+:\d+$/m);
});
