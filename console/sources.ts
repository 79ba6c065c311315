import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const CONSOLE = import.meta.dirname;
const PROJECT = resolve(CONSOLE, '..');
const SOURCES = ['console/**/*.{ts,tsx,css,html,svg,json}', 'libs/csv/*.ts', 'package.json'];
export const DIST = join(CONSOLE, 'dist');
/** Which sources the bundle was built from. */
export const STAMP = join(DIST, 'sources.sha256');

/** A hash of everything that the bundle depends on: the sources, and the packages with their versions. */
export function hashSources(): string {
  const hash = createHash('sha256');
  for (const path of globSync(SOURCES, { cwd: PROJECT, exclude: ['console/dist/**'] }).sort())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(PROJECT, path)))
      .update('\0');
  return hash.digest('hex');
}
