import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { buildOverlay, goProgram, haWithOptional } from '../support/kubernetes/kustomize.ts';
import { coreFaults, installValidator, KUBERNETES, writeManifest } from '../support/kubernetes/schemas.ts';

const run = promisify(execFile);
const KUBE_SCORE = 'github.com/zegl/kube-score/cmd/kube-score@v1.20.0';

const copies = mkdtempSync(join(tmpdir(), 'switchfleet-overlays-'));
after(() => rmSync(copies, { recursive: true, force: true }));
const OVERLAYS = ['k8s/overlays/small', 'k8s/overlays/ha', await haWithOptional(copies)];

test('Kubernetes takes every manifest of its own kinds, in each of its last four versions', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-manifests-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  await installValidator();
  for (const overlay of OVERLAYS) {
    const { text } = await buildOverlay(overlay);
    const file = await writeManifest(folder, 'overlay', text);
    for (const version of KUBERNETES) assert.deepEqual(await coreFaults(file, version), [], version);
  }
});

for (const overlay of OVERLAYS) {
  test(`kube-score finds nothing critical in ${overlay}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'switchfleet-score-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const { text } = await buildOverlay(overlay);
    const scored = await score(await writeManifest(folder, 'overlay', text));
    assert.match(scored, /\[OK\] cdr/);
    assert.deepEqual(
      scored.split('\n').filter((line) => line.startsWith('[CRITICAL]')),
      [],
    );
    const careless = text.replaceAll('readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false');
    assert.match(await score(await writeManifest(folder, 'careless', careless)), /\[CRITICAL\]/);
  });
}

/** Its words also where it exits non-zero, as it does for what is critical. */
async function score(file: string): Promise<string> {
  const program = await goProgram('kube-score', KUBE_SCORE);
  const { stdout } = await run(program, ['score', '--output-format', 'ci', file]).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}
