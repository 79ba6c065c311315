import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { Config } from '../../../../libs/config/config.ts';
import { VARIABLES } from '../../../../libs/config/variables.ts';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { redact } from './redact.ts';

/**
 * Writes what a developer needs to see as gzipped JSON, readable by its owner only and without secrets.
 * @throws CodedError `bundle-unwritable`
 */
export async function writeBundle(
  file: string,
  facts: Readonly<Record<string, unknown>>,
  { config, secrets }: { config: Config; secrets: readonly string[] },
): Promise<void> {
  const content = redact({ ...facts, configuration: shownConfiguration(config) }, [
    ...secrets,
    ...configuredSecrets(config),
  ]);
  try {
    await writeFile(file, gzipSync(JSON.stringify(content, undefined, 1)), { mode: 0o600 });
  } catch (cause) {
    throw new CodedError('bundle-unwritable', `cannot write ${file}`, { cause });
  }
}

/** Every variable; of a secret only whether it is set. */
function shownConfiguration(config: Config): Record<string, unknown> {
  const shown = Object.entries(VARIABLES).map(([name, { isSecret }]) => {
    const value = config[name as keyof typeof VARIABLES];
    return [name, isSecret && value !== undefined ? '[secret]' : (value ?? null)];
  });
  return Object.fromEntries(shown);
}

function configuredSecrets(config: Config): string[] {
  const values = Object.entries(VARIABLES).flatMap(([name, { isSecret }]) => {
    const value = config[name as keyof typeof VARIABLES];
    if (typeof value !== 'string') return [];
    return isSecret ? [value] : passwordsOf(value);
  });
  return values.filter((value) => value !== '');
}

/** The password of a URL, also one that stands in its query. */
function passwordsOf(value: string): string[] {
  const url = URL.parse(value);
  if (url === null) return [];
  return [url.password, decoded(url.password), url.searchParams.get('password') ?? ''];
}

/** As pg reads it: what is no percent-encoding stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
