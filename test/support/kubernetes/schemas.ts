import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../../libs/errors/coded-error.ts';
import type { Manifest } from './manifest.ts';

const run = promisify(execFile);
const VERSION = '1.37.0';
const HOME = resolve(import.meta.dirname, `../../../.cache/kubernetes-validate-${VERSION}`);
const PROGRAM = resolve(HOME, 'bin/kubernetes-validate');
const INSTALL_MS = 300_000;

/** The minor versions of Kubernetes that its own project still mends, and the one before. */
export const KUBERNETES = ['1.34', '1.35', '1.36', '1.37'] as const;

/** Installs kubernetes-validate below .cache when it is not there. @throws Error without Python, or a way to packages */
export async function installValidator(): Promise<void> {
  if (existsSync(PROGRAM)) return;
  await run('python3', ['-m', 'venv', HOME], { timeout: INSTALL_MS });
  const pip = resolve(HOME, 'bin/pip');
  await run(pip, ['install', '--quiet', `kubernetes-validate==${VERSION}`], { timeout: INSTALL_MS });
}

/** What Kubernetes of one version finds wrong with its own kinds; other kinds are left out. */
export async function coreFaults(file: string, version: string): Promise<string[]> {
  const output = await run(PROGRAM, ['--strict', '-k', version, file], { timeout: 120_000 }).then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: { stdout?: string; stderr?: string }) => `${error.stdout}${error.stderr}`,
  );
  const lines = output.split('\n').filter((line) => line !== '');
  if (lines.filter((line) => line.startsWith('INFO')).length === 0) return [`nothing passed: ${output}`];
  return lines.filter((line) => !line.startsWith('INFO') && !line.includes("Couldn't find schema"));
}

/** The kinds of operators, by their API group: the package that knows them. */
const PACKAGES: Readonly<Record<string, string>> = {
  'postgresql.cnpg.io': 'cloudnative-pg',
  'kafka.strimzi.io': 'strimzi-kafka-operator',
  'keda.sh': 'keda',
  'monitoring.coreos.com': 'prometheus-operator',
};

interface Model {
  validate(): void;
}

export function isOperators({ apiVersion }: Manifest): boolean {
  return (apiVersion.split('/')[0] ?? '') in PACKAGES;
}

/** What the CRD of an operator's kind finds wrong. @throws Error when there is no such kind */
export async function operatorFaults(manifest: Manifest): Promise<string[]> {
  const [group = '', version = ''] = manifest.apiVersion.split('/');
  const path = `@kubernetes-models/${PACKAGES[group]}/${group}/${version}/${manifest.kind}`;
  const module = (await import(path)) as Record<string, new (data: Manifest) => Model>;
  const Kind = module[manifest.kind];
  if (Kind === undefined) throw new Error(`${path} has no ${manifest.kind}`);
  try {
    new Kind(manifest).validate();
    return [];
  } catch (error) {
    return [`${manifest.kind} ${manifest.metadata.name}: ${messageOf(error)}`];
  }
}

/** Writes a manifest where a program can read it. */
export async function writeManifest(folder: string, name: string, text: string): Promise<string> {
  const file = resolve(folder, `${name}.yaml`);
  await writeFile(file, text);
  return file;
}
