import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../libs/errors/coded-error.ts';
import { CONSOLE, DIST, hashSources, STAMP } from './sources.ts';

/** `npm run console`: builds the bundle into console/dist, only when its sources changed since it was built. */
async function build(): Promise<void> {
  const hash = hashSources();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return;
  // Vite is not there after `npm ci --omit=dev`: a bundle that is there is then served as it is
  const { build: viteBuild } = await import('vite');
  const folder = join(CONSOLE, `dist-${randomUUID()}`);
  try {
    await viteBuild({
      configFile: false,
      root: CONSOLE,
      base: '/console/',
      logLevel: 'warn',
      build: {
        outDir: folder,
        target: 'es2024',
        cssTarget: 'chrome123',
        modulePreload: false,
        assetsInlineLimit: 0,
      },
    });
    writeFileSync(join(folder, 'sources.sha256'), hash);
    replaceBundle(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two who build at once build the same: whoever comes last may fail to move theirs. */
function replaceBundle(folder: string): void {
  rmSync(DIST, { recursive: true, force: true });
  try {
    renameSync(folder, DIST);
  } catch (error) {
    if (!existsSync(STAMP)) throw error;
  }
}

try {
  await build();
} catch (error) {
  // the product works without its pages
  const consequence = existsSync(STAMP) ? 'the console is an older one' : 'there is no console';
  process.stderr.write(`${consequence}, it cannot be built: ${messageOf(error)}\n`);
  process.exitCode = 0;
}
