import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createNames } from '../../libs/bus/kafka/topic-names.ts';
import { topicConfig } from '../../libs/bus/kafka/topics.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { VARIABLES } from '../../libs/config/variables.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import { buildOverlay, haWithOptional } from '../support/kubernetes/kustomize.ts';
import { environmentOf, type Manifest, type Pod } from '../support/kubernetes/manifest.ts';
import { type Arrow, isAllowed, type Party } from '../support/kubernetes/policies.ts';
import {
  coreFaults,
  installValidator,
  isOperators,
  KUBERNETES,
  operatorFaults,
  writeManifest,
} from '../support/kubernetes/schemas.ts';

const SERVICES = ['api', 'cdr', 'collector', 'directory', 'merger', 'routing', 'writer'];
const folder = mkdtempSync(join(tmpdir(), 'switchfleet-manifests-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const OVERLAYS = ['k8s/overlays/small', 'k8s/overlays/ha', await haWithOptional(folder)];
const [small, ha, haLag] = await Promise.all(OVERLAYS.map(buildOverlay));
assert.ok(small && ha && haLag);
const overlays = { small, ha, 'ha with lag-autoscaling': haLag };

function podsOf(
  manifests: readonly Manifest[],
): { name: string; pod: Pod; labels: Record<string, string> }[] {
  return manifests.flatMap(({ kind, metadata, spec }) =>
    (kind === 'Deployment' || kind === 'Job') && spec.template !== undefined
      ? [{ name: metadata.name, pod: spec.template.spec, labels: spec.template.metadata.labels }]
      : [],
  );
}

test('Kubernetes takes every manifest of its own kinds (its oldest version and its newest; the long test asks all)', async () => {
  await installValidator();
  const all = await writeManifest(folder, 'all', `${small.text}\n---\n${haLag.text}`);
  const wrong = small.text.replace('backoffLimit: 10', 'backoffLimit: many');
  const [oldest, newest, ofWrong] = await Promise.all([
    coreFaults(all, KUBERNETES[0]),
    coreFaults(all, KUBERNETES[3]),
    coreFaults(await writeManifest(folder, 'wrong', wrong), KUBERNETES[3]),
  ]);
  assert.deepEqual([oldest, newest], [[], []]);
  assert.notDeepEqual(ofWrong, [], 'a fault is found');
});

test('the operators take theirs: CloudNativePG, Strimzi, KEDA, Prometheus', async () => {
  const theirs = [small, haLag].flatMap(({ manifests }) => manifests.filter(isOperators));
  const kinds = new Set(theirs.map(({ kind }) => kind));
  for (const kind of [
    'Cluster',
    'Pooler',
    'Kafka',
    'KafkaNodePool',
    'KafkaTopic',
    'KafkaUser',
    'ScaledObject',
    'PodMonitor',
  ])
    assert.ok(kinds.has(kind), kind);
  assert.deepEqual((await Promise.all(theirs.map(operatorFaults))).flat(), []);
  for (const manifest of theirs) {
    const wrong = {
      ...manifest,
      spec: { ...manifest.spec, instances: 'three', groups: 1, partitions: 'x', replicas: 'x' },
    };
    if (['Cluster', 'KafkaTopic', 'KafkaNodePool', 'PrometheusRule'].includes(manifest.kind))
      assert.equal((await operatorFaults(wrong as never)).length, 1, `a fault of ${manifest.kind} is found`);
  }
});

for (const [overlay, { manifests }] of Object.entries(overlays)) {
  test(`${overlay}: each service starts with what its pod is given, and reads no file that is not mounted`, () => {
    const pods = podsOf(manifests);
    assert.deepEqual(
      pods.map(({ name }) => name.replace(/-\d.*/, '')).sort(),
      [...SERVICES, 'migrate'].sort(),
    );
    for (const { name, pod } of pods) {
      const [container] = pod.containers;
      assert.ok(container);
      const environment = environmentOf(container, manifests);
      assert.ok(
        container.envFrom?.some(({ secretRef }) => secretRef?.name === 'switchfleet'),
        name,
      );
      const mounted = mountedFiles(pod);
      for (const path of [...environment.values()].flatMap((value) => value.match(/\/etc\/[\w./-]+/g) ?? []))
        assert.ok(mounted.has(path), `${name} reads ${path}`);
      // files of secrets are not here: what their variables are for is known
      const read = [...environment].filter(([variable]) => !variable.endsWith('_FILE'));
      for (const [variable] of environment)
        if (variable.endsWith('_FILE')) assert.ok(isSecret(variable.slice(0, -5)), variable);
      const config = loadConfig({
        ...Object.fromEntries(read),
        DATABASE_URL: environment.get('DATABASE_URL') ?? 'postgres://db/x',
      });
      assert.equal(config.HTTP_HOST, '0.0.0.0');
      assert.match(container.image, /:\d+\.\d+\.\d+$/, 'a release, not whatever is the latest');
    }
  });

  test(`${overlay}: who scales decides alone, within the partitions`, () => {
    const scaled = manifests.filter(
      ({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject',
    );
    const targets = scaled.map(({ spec }) => spec.scaleTargetRef?.name ?? '');
    assert.equal(new Set(targets).size, targets.length, 'one decides for each');
    const deployments = manifests.filter(({ kind }) => kind === 'Deployment');
    for (const { metadata, spec } of deployments) {
      if (targets.includes(metadata.name)) assert.equal(spec.replicas, undefined, metadata.name);
      else assert.ok((spec.replicas ?? 0) >= 2, metadata.name);
    }
    assert.ok(targets.every((target) => deployments.some(({ metadata }) => metadata.name === target)));
    const partitions = VARIABLES.KAFKA_PARTITIONS.default;
    for (const { kind, spec } of scaled)
      if (kind === 'ScaledObject') assert.equal(spec.maxReplicaCount, partitions);
  });

  test(`${overlay}: nothing is allowed but the arrows of the design`, () => {
    const allowed = (arrow: Arrow) => isAllowed(manifests, arrow);
    const service = (name: string): Party => ({
      labels: podsOf(manifests).find((pod) => pod.name === name)?.labels ?? {},
    });
    const nodes = manifests.find(({ metadata }) => metadata.name === 'event-sockets')?.spec.egress?.[0]
      ?.to?.[0];
    const fleet: Party = { address: nodes?.ipBlock?.cidr ?? '' };
    for (const name of SERVICES) {
      const isEdge = ['api', 'cdr', 'directory', 'routing'].includes(name);
      const isAsker = name === 'collector';
      assert.equal(allowed({ from: fleet, to: service(name), port: 'http' }), isEdge, `the fleet → ${name}`);
      assert.equal(allowed({ from: service(name), to: fleet, port: 8021 }), isAsker, `${name} → the fleet`);
      assert.ok(
        allowed({ from: { namespace: 'monitoring' }, to: service(name), port: 'http' }),
        `Prometheus → ${name}`,
      );
      assert.ok(
        !allowed({ from: { namespace: 'default' }, to: service(name), port: 'http' }),
        `others → ${name}`,
      );
      for (const other of SERVICES)
        assert.ok(!allowed({ from: service(name), to: service(other), port: 'http' }), `${name} → ${other}`);
    }
  });
}

test('ha: PostgreSQL and Kafka are reached by the services, and by nobody else', () => {
  const allowed = (arrow: Arrow) => isAllowed(ha.manifests, arrow);
  const postgres: Party = {
    labels: { 'cnpg.io/cluster': 'postgres', 'app.kubernetes.io/managed-by': 'cloudnative-pg' },
  };
  const pooler: Party = {
    labels: { 'cnpg.io/poolerName': 'postgres-reports', 'app.kubernetes.io/managed-by': 'cloudnative-pg' },
  };
  const kafka: Party = {
    labels: { 'strimzi.io/cluster': 'bus', 'app.kubernetes.io/managed-by': 'strimzi-cluster-operator' },
  };
  const stranger: Party = { labels: { 'app.kubernetes.io/name': 'stranger' } };
  for (const { name, labels } of podsOf(ha.manifests)) {
    assert.ok(allowed({ from: { labels }, to: postgres, port: 5432 }), `${name} → PostgreSQL`);
    assert.ok(!allowed({ from: { labels }, to: postgres, port: 8000 }), `${name} → the operator's port`);
    assert.ok(!allowed({ from: postgres, to: { labels }, port: 'http' }), `PostgreSQL → ${name}`);
    assert.ok(
      !allowed({ from: { labels }, to: { address: '0.0.0.0/0' }, port: 5432 }),
      `${name} → any database`,
    );
  }
  assert.ok(
    allowed({ from: pooler, to: postgres, port: 5432 }) &&
      allowed({ from: postgres, to: postgres, port: 5432 }),
  );
  assert.ok(allowed({ from: { namespace: 'cnpg-system' }, to: postgres, port: 8000 }));
  assert.ok(
    allowed({ from: kafka, to: kafka, port: 9091 }) && !allowed({ from: kafka, to: postgres, port: 5432 }),
  );
  for (const to of [postgres, pooler]) assert.ok(!allowed({ from: stranger, to, port: 5432 }));
  const listeners = (ha.manifests.find(({ kind }) => kind === 'Kafka')?.spec['kafka'] ?? {}) as {
    listeners: {
      port: number;
      networkPolicyPeers: { podSelector: { matchExpressions: { values: string[] }[] } }[];
    }[];
  };
  const [listener] = listeners.listeners;
  assert.equal(listener?.port, 9093);
  const peers = listener?.networkPolicyPeers[0]?.podSelector.matchExpressions[0]?.values;
  assert.deepEqual(peers, [...SERVICES, 'migrate'].sort());
});

test('ha: sessions of their own on the primary, reports through the pooler to the replicas, secrets of the operators', () => {
  const { manifests } = ha;
  const name = (kind: string) => manifests.find((manifest) => manifest.kind === kind)?.metadata.name ?? '';
  for (const { pod } of podsOf(manifests)) {
    const [container] = pod.containers;
    assert.ok(container);
    const environment = environmentOf(container, manifests);
    const primary = new URL(environment.get('DATABASE_URL') ?? '');
    assert.equal(primary.hostname, `${name('Cluster')}-rw`);
    assert.equal(new URL(environment.get('DATABASE_READ_URL') ?? '').hostname, name('Pooler'));
    assert.equal(primary.searchParams.get('sslmode'), 'verify-full');
    assert.equal(environment.get('KAFKA_BROKERS'), `${name('Kafka')}-kafka-bootstrap:9093`);
    const secrets = container.env?.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
    assert.deepEqual(secrets, [{ name: `${name('Cluster')}-app`, key: 'password' }]);
    const mounted = pod.volumes.flatMap(({ secret }) => secret?.secretName ?? []).sort();
    assert.deepEqual(
      mounted,
      [`${name('Kafka')}-cluster-ca-cert`, `${name('Cluster')}-ca`, name('KafkaUser')].sort(),
    );
  }
  const cluster = JSON.stringify(manifests.find(({ kind }) => kind === 'Cluster')?.spec);
  for (const file of globSync('migrations/*.sql'))
    for (const [, role] of readFileSync(file, 'utf8').matchAll(/^ *create role (\w+)/gm))
      assert.ok(cluster.includes(`create role ${role} `), `${role} of ${file}`);
  const pooler = manifests.find(({ kind }) => kind === 'Pooler')?.spec as unknown as {
    type: string;
    pgbouncer: { poolMode: string; parameters: Record<string, string> };
  };
  assert.equal(pooler.type, 'ro');
  assert.ok(
    Number(pooler.pgbouncer.parameters['query_timeout']) * 1000 > VARIABLES.DATABASE_TIMEOUT_MS.default,
  );
});

test('ha: the topics are those that switchfleet would make; three copies of each record, two of them written', () => {
  const { manifests } = ha;
  const environment = manifests.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
  const { KAFKA_PARTITIONS, KAFKA_REPLICATION } = environment;
  const config = loadConfig({ KAFKA_PARTITIONS, KAFKA_REPLICATION });
  const wanted = Object.values(TOPICS).map((topic) => topicConfig(topic, createNames(undefined), config));
  const topics = manifests.filter(({ kind }) => kind === 'KafkaTopic');
  assert.equal(topics.length, wanted.length);
  for (const { topic, numPartitions, replicationFactor, configEntries = [] } of wanted) {
    const made = topics.find(({ metadata }) => metadata.name === topic)?.spec as unknown as {
      partitions: number;
      replicas: number;
      config: Record<string, string | number>;
    };
    assert.deepEqual([made.partitions, made.replicas], [numPartitions, replicationFactor], topic);
    const entries = Object.fromEntries(
      Object.entries(made.config).map(([name, value]) => [name, String(value)]),
    );
    assert.deepEqual(
      entries,
      Object.fromEntries(configEntries.map(({ name, value }) => [name, value])),
      topic,
    );
  }
  const pools = manifests
    .filter(({ kind }) => kind === 'KafkaNodePool')
    .map(({ spec }) => [spec['roles'], spec.replicas]);
  assert.deepEqual(pools, [
    [['broker'], 3],
    [['controller'], 3],
  ]);
  const kafka = manifests.find(({ kind }) => kind === 'Kafka')?.spec['kafka'] as {
    config: Record<string, unknown>;
  };
  assert.equal(kafka.config['min.insync.replicas'], 2);
  assert.equal(kafka.config['default.replication.factor'], 3);
});

function isSecret(name: string): boolean {
  const variables: Record<string, { isSecret: boolean }> = VARIABLES;
  return variables[name]?.isSecret === true;
}

function mountedFiles({ volumes, containers }: Pod): Set<string> {
  return new Set(
    (containers[0]?.volumeMounts ?? []).flatMap(({ name, mountPath }) =>
      (volumes.find((volume) => volume.name === name)?.secret?.items ?? []).map(
        ({ path }) => `${mountPath}/${path}`,
      ),
    ),
  );
}
