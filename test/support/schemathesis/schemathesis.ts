import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const VERSION = '4.32.5';
const HOME = resolve(import.meta.dirname, '../../../.cache/schemathesis');
const PROGRAM = resolve(HOME, 'bin/schemathesis');
const INSTALL_MS = 300_000;

/** What is asked of every answer. That well-formed values are taken is not: our rules know more than a schema can say. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'allow_header_conformance',
  'ignored_auth',
];

interface Outcome {
  code: number | null;
  output: string;
}

/** Installs schemathesis below .cache when it is not there. False: this machine has no Python, or no way to packages. */
export async function installSchemathesis(): Promise<boolean> {
  if (existsSync(PROGRAM)) return true;
  const made = await run('python3', ['-m', 'venv', HOME], INSTALL_MS);
  if (made.code !== 0) return false;
  const pip = resolve(HOME, 'bin/pip');
  const { code } = await run(pip, ['install', '--quiet', `schemathesis==${VERSION}`], INSTALL_MS);
  return code === 0;
}

/** Asks an api whatever its document allows, and forbids, for so long. */
export function runSchemathesis(
  origin: string,
  { token, seconds, seed }: { token: string; seconds: number; seed: number },
): Promise<Outcome> {
  const args = [
    ...['run', `${origin}/v1/openapi.json`, '--url', origin, '--header', `Authorization: Bearer ${token}`],
    ...['--checks', CHECKS.join(), '--max-time', String(seconds), '--seed', String(seed), '--workers', '1'],
    ...['--no-shrink', '--request-timeout', '20', '--continue-on-failure', '--warnings', 'off'],
    ...['--suppress-health-check', 'all', '--generation-database', 'none'],
    // a stream has no end to wait for, and it makes no JSON lines
    ...['--exclude-path-regex', '/v1/live|[.]ndjson$'],
  ];
  return run(PROGRAM, args, (seconds + 240) * 1_000);
}

async function run(program: string, args: readonly string[], timeout: number): Promise<Outcome> {
  const child = spawn(program, args, {
    timeout,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const failed = once(child, 'error').then(([error]) => ({ code: null, output: String(error) }));
  const done = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([out, err, [code]]) => ({ code: code as number | null, output: `${out}${err}` }),
  );
  return Promise.race([failed, done]);
}
