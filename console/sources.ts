import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const CONSOLE = import.meta.dirname;
export const DIST = join(CONSOLE, 'dist');
/** Which sources the bundle was built from. */
export const STAMP = join(DIST, 'sources.sha256');

/** A hash of everything that the bundle depends on: the sources, and the packages with their versions. */
export function hashSources(): string {
  const hash = createHash('sha256');
  const paths = globSync('**/*.{ts,tsx,css,html,svg,json}', { cwd: CONSOLE, exclude: ['dist/**'] }).sort();
  for (const path of paths)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(CONSOLE, path)))
      .update('\0');
  hash.update(readFileSync(resolve(CONSOLE, '../package.json')));
  return hash.digest('hex');
}
