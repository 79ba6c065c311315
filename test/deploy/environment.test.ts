import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { VARIABLES } from '../../libs/config/variables.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

function isKnown(name: string): boolean {
  const variables: Record<string, { isSecret: boolean }> = VARIABLES;
  if (name in variables) return true;
  return name.endsWith('_FILE') && variables[name.slice(0, -'_FILE'.length)]?.isSecret === true;
}

/** NODE_ENV belongs to Node and its libraries. */
const NOT_OURS = new Set(['NODE_ENV']);

function assertKnown(names: readonly string[], where: string): void {
  assert.ok(names.length > 0, `${where} sets no variable: the test reads the wrong place`);
  const unknown = names.filter((name) => !NOT_OURS.has(name) && !isKnown(name));
  assert.deepEqual(unknown, [], `${where} sets variables that libs/config does not know`);
}

test('every variable in docker-compose.yml is one that libs/config knows', () => {
  const compose = parse(read('docker-compose.yml'), { merge: true });
  const ours = Object.entries<{ image?: string; environment?: object }>(compose.services).filter(
    ([, service]) => service.image?.startsWith('switchfleet'),
  );
  assert.ok(ours.length >= 8, 'every service stands in the compose file');
  for (const [name, service] of ours) assertKnown(Object.keys(service.environment ?? {}), `service ${name}`);
});

test('every variable in the Dockerfile is one that libs/config knows', () => {
  const lines = read('Dockerfile')
    .split('\n')
    .filter((line) => line.startsWith('ENV '));
  const names = lines.flatMap((line) => [...line.matchAll(/([A-Z_]+)=/g)].map((match) => match[1] ?? ''));
  assertKnown(names, 'Dockerfile');
});

test('every variable in k8s/base is one that libs/config knows', () => {
  const names = readdirSync(new URL('k8s/base/', ROOT)).flatMap((file) =>
    parseAllDocuments(read(`k8s/base/${file}`)).flatMap((document) => variablesOf(document.toJS())),
  );
  const secretKeys = read('k8s/base/configuration.yaml').match(/[A-Z]+_[A-Z_]+/g) ?? [];
  assertKnown([...names, ...secretKeys], 'k8s/base');
});

test('Kubernetes adds no variables for our Services: API_PORT=tcp://… would stop every pod', () => {
  const manifests: Manifest[] = readdirSync(new URL('k8s/base/', ROOT)).flatMap((file) =>
    parseAllDocuments(read(`k8s/base/${file}`)).map((document) => document.toJS()),
  );
  const pods = manifests.flatMap(({ kind, spec }) =>
    spec?.template?.spec === undefined ? [] : [{ kind, links: spec.template.spec.enableServiceLinks }],
  );
  assert.equal(pods.length, 8, 'seven services and the migration');
  assert.deepEqual(
    pods.filter(({ links }) => links !== false),
    [],
  );
});

interface Manifest {
  kind?: string;
  data?: Record<string, string>;
  spec?: {
    template?: { spec?: { enableServiceLinks?: boolean; containers?: { env?: { name: string }[] }[] } };
  };
}

function variablesOf({ kind, data, spec }: Manifest): string[] {
  if (kind === 'ConfigMap') return Object.keys(data ?? {});
  const containers = spec?.template?.spec?.containers ?? [];
  return containers.flatMap(({ env = [] }) => env.map(({ name }) => name));
}
