import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = 'v5.4.0';
const MODULE = 'github.com/docker/compose/v5/cmd';
const FOLDER = resolve(import.meta.dirname, `../../.cache/go/compose-${VERSION}`);
const BUILD_MS = 900_000;

/** Compose as a program of its own, built by Go once: Debian's knows no `up --wait`. @throws Error without Go */
export async function composeProgram(): Promise<string> {
  const program = `${FOLDER}/docker-compose`;
  if (existsSync(program)) return program;
  await mkdir(FOLDER, { recursive: true });
  // a module of its own: `go install` refuses one that replaces others
  await writeFile(`${FOLDER}/go.mod`, 'module composed\n\ngo 1.24\n');
  const options = { cwd: FOLDER, timeout: BUILD_MS, maxBuffer: 16 * 1024 * 1024 };
  await run('go', ['get', `${MODULE}@${VERSION}`], options);
  await run('go', ['build', '-o', program, MODULE], options);
  return program;
}
