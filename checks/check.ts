import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findForbiddenArrows } from './arrows.ts';
import { findContractions } from './migrations.ts';
import { readSourceModule } from './source-module.ts';

/** `npm run check`: types, style, dead code, the arrows of the design, and migrations that would break the release before. Exits non-zero when one of them fails. */
const ROOT = resolve(import.meta.dirname, '..');
const TOOL_MS = 300_000;

interface Outcome {
  name: string;
  isGood: boolean;
  output: string;
}

const TOOLS: Record<string, string[]> = {
  'types (tsc)': ['tsc', '--noEmit', '--project', '.'],
  'types of the console (tsc)': ['tsc', '--noEmit', '--project', 'console'],
  'style (biome)': ['biome', 'ci', '--colors=off'],
  'dead code (knip)': ['knip', '--no-progress'],
};

function runTool(name: string, [tool = '', ...args]: string[]): Promise<Outcome> {
  const { promise, resolve: done } = Promise.withResolvers<Outcome>();
  const command = join(ROOT, 'node_modules/.bin', tool);
  const child = spawn(command, args, { cwd: ROOT, timeout: TOOL_MS, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('error', (error) => done({ name, isGood: false, output: error.message }));
  child.on('close', (code) => done({ name, isGood: code === 0, output: Buffer.concat(chunks).toString() }));
  return promise;
}

function checkArrows(): Outcome {
  const paths = globSync('{libs,services}/**/*.ts', { cwd: ROOT });
  const modules = paths.map((path) => readSourceModule(path, readFileSync(join(ROOT, path), 'utf8')));
  const forbidden = findForbiddenArrows(modules);
  return { name: 'arrows', isGood: forbidden.length === 0, output: forbidden.join('\n') };
}

function checkMigrations(): Outcome {
  const read = (pattern: string) =>
    globSync(pattern, { cwd: ROOT }).map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
  const taken = findContractions(read('migrations/*.sql').sort(byPath), read('{libs,services}/**/*.ts'));
  return { name: 'migrations', isGood: taken.length === 0, output: taken.join('\n') };
}

const byPath = (left: { path: string }, right: { path: string }) => left.path.localeCompare(right.path);

const tools = Object.entries(TOOLS).map(([name, command]) => runTool(name, command));
const outcomes = await Promise.all([...tools, checkArrows(), checkMigrations()]);
for (const { name, isGood, output } of outcomes) {
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${name}`);
  if (!isGood) console.log(output.trimEnd());
}
process.exitCode = outcomes.every(({ isGood }) => isGood) ? 0 : 1;
