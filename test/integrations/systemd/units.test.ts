import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { VARIABLES } from '../../../libs/config/variables.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const UNITS = globSync('integrations/systemd/*.service', { cwd: ROOT });
/** Tenths of systemd's figure of what a unit could do beyond its job, of ten. */
const MOST_EXPOSURE = 15;

function analyze(...args: string[]) {
  const { status, stderr, error } = spawnSync('systemd-analyze', args, { encoding: 'utf8', timeout: 60_000 });
  if (error !== undefined) throw error;
  return { status, stderr };
}

function valuesOf(unit: string, name: string): string[] {
  const text = readFileSync(resolve(ROOT, unit), 'utf8');
  return [...text.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

for (const unit of UNITS) {
  test(`${unit} runs what is there, with variables that are known`, () => {
    const [command = ''] = valuesOf(unit, 'ExecStart');
    const [, entry = ''] = /^\/usr\/bin\/env node (\S+)/.exec(command) ?? [];
    assert.ok(existsSync(resolve(ROOT, entry)), entry);
    const names = valuesOf(unit, 'Environment').map((line) => line.split('=')[0] ?? '');
    assert.deepEqual(
      names.filter((name) => name !== 'PATH' && !(name in VARIABLES)),
      [],
    );
  });
}

for (const unit of UNITS) {
  test(`${unit} may do little beyond its job`, () => {
    const path = resolve(ROOT, unit);
    const statusOf = (threshold: number) =>
      analyze('security', '--offline=true', `--threshold=${threshold}`, path).status;
    assert.equal(statusOf(MOST_EXPOSURE), 0);
    assert.notEqual(statusOf(5), 0, 'the threshold counts');
  });
}

test('systemd finds nothing wrong with the units', () => {
  const units = UNITS.map((unit) => resolve(ROOT, unit));
  assert.deepEqual(analyze('verify', '--man=no', ...units), { status: 0, stderr: '' });
});
