import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { codeOf } from '../../../libs/errors/coded-error.ts';
import { HttpError } from '../../../libs/http/problem.ts';

const DIST = resolve(import.meta.dirname, '../../../console/dist');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** One file of the console as it is sent. */
export interface BundleFile {
  type: string;
  etag: string;
  bytes: Buffer;
  zipped: Buffer;
}

/** The console's files by their path below /console/: `index.html`, `assets/index-x1.js`. They stay in memory. */
export type Bundle = ReadonlyMap<string, BundleFile>;

/** Reads what `npm run console` built. @throws HttpError 503 `console-not-built` */
export async function readBundle(folder = DIST): Promise<Bundle> {
  const names = await namesIn(folder);
  const known = names.filter((name) => extname(name) in TYPES);
  const files = await Promise.all(
    known.map(async (name) => [name, await readBundleFile(join(folder, name))] as const),
  );
  return new Map(files);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
    throw new HttpError(503, 'console-not-built', 'the console was not built: npm run console', { cause });
  }
}

async function readBundleFile(path: string): Promise<BundleFile> {
  const bytes = await readFile(path);
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    bytes,
    zipped: await promisify(gzip)(bytes, { level: 9 }),
  };
}
