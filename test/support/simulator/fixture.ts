import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A file of test/fixtures as a binary string; one that ends in .gz is unzipped. */
export function readFixture(path: string): string {
  const bytes = readFileSync(join(import.meta.dirname, '../../fixtures', path));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
}
