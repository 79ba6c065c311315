import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifest.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');
const FOLDER = resolve(ROOT, '.cache/go/bin');
/** The kustomize in kubectl knows components and `labels` from 1.27 on. */
const OLDEST_KUBECTL = 27;
const KUSTOMIZE = 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1';
const BUILD_MS = 600_000;

/** What `kubectl apply -k` would send, as text and read. @throws Error with kustomize's own words */
export async function buildOverlay(folder: string): Promise<{ text: string; manifests: Manifest[] }> {
  const [program, ...words] = await kustomize();
  const { stdout: text } = await run(program, [...words, resolve(ROOT, folder)], {
    maxBuffer: 16 * 1024 * 1024,
    timeout: 60_000,
  });
  return { text, manifests: parseAllDocuments(text).map((document) => document.toJS() as Manifest) };
}

/** The overlay `ha` as one has it who takes the optional components in, where its kustomization.yaml says so: a copy below `folder`. */
export async function haWithOptional(folder: string): Promise<string> {
  const copy = resolve(folder, 'k8s');
  await cp(resolve(ROOT, 'k8s'), copy, { recursive: true });
  const file = resolve(copy, 'overlays/ha/kustomization.yaml');
  const written = await readFile(file, 'utf8');
  await writeFile(file, written.replaceAll(/# optional\b[^:]*: (?=- )/g, ''));
  return resolve(copy, 'overlays/ha');
}

/** kubectl's own where it is new enough, else one that Go builds below .cache. */
async function kustomize(): Promise<[string, ...string[]]> {
  if (await isKubectlNew()) return ['kubectl', 'kustomize'];
  return [await goProgram('kustomize', KUSTOMIZE), 'build'];
}

async function isKubectlNew(): Promise<boolean> {
  const { stdout } = await run('kubectl', ['version', '--client', '-o', 'json']).catch(() => ({
    stdout: '{}',
  }));
  const { clientVersion } = JSON.parse(stdout) as { clientVersion?: { minor: string } };
  return Number.parseInt(clientVersion?.minor ?? '0', 10) >= OLDEST_KUBECTL;
}

/** A program that `go install` builds, once. @throws Error when there is no Go, or it cannot build it */
export async function goProgram(name: string, module: string): Promise<string> {
  const program = resolve(FOLDER, name);
  if (!existsSync(program))
    await run('go', ['install', module], { timeout: BUILD_MS, env: { ...process.env, GOBIN: FOLDER } });
  return program;
}
