import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { CodedError } from '../errors/coded-error.ts';
import type { Variable } from './variable.ts';
import { OUR_PREFIXES, VARIABLES } from './variables.ts';

type Values = {
  [Name in keyof typeof VARIABLES]: (typeof VARIABLES)[Name] extends Variable<infer T> ? T : never;
};

/** The whole configuration of a process: one value for each name in `VARIABLES`, by that name. */
export type Config = Readonly<Values> & { readonly INSTANCE_ID: string; readonly PUBLIC_HOST: string };

/** What the environment is read from; tests pass their own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the whole environment once. `defaults` are what this process has instead of the common ones.
 * @throws CodedError `config-invalid`, `config-unknown`, `config-secret-unreadable`, each naming the variable
 */
export function loadConfig(environment: Environment = process.env, defaults: Partial<Values> = {}): Config {
  refuseUnknown(environment);
  const values = Object.fromEntries(
    Object.entries(VARIABLES).map(([name, variable]) => [
      name,
      readVariable(name, { ...variable, ...defaultOf(name, defaults) }, environment),
    ]),
  ) as unknown as Values;
  return Object.freeze({
    ...values,
    INSTANCE_ID: values.INSTANCE_ID ?? `${hostname()}-${process.pid}`,
    PUBLIC_HOST: values.PUBLIC_HOST ?? values.HTTP_HOST,
  });
}

function defaultOf(name: string, defaults: Readonly<Record<string, unknown>>): { default?: unknown } {
  return name in defaults ? { default: defaults[name] } : {};
}

function readVariable(name: string, variable: Variable<unknown>, environment: Environment): unknown {
  const raw = environment[name] ?? (variable.isSecret ? readSecretFile(name, environment) : undefined);
  return raw === undefined ? variable.default : variable.read(name, raw);
}

function readSecretFile(name: string, environment: Environment): string | undefined {
  const path = environment[`${name}_FILE`];
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (cause) {
    throw new CodedError('config-secret-unreadable', `the file that ${name}_FILE names cannot be read`, {
      cause,
      details: { variable: `${name}_FILE`, path },
    });
  }
}

function refuseUnknown(environment: Environment): void {
  const known = new Set(
    Object.entries(VARIABLES).flatMap(([name, { isSecret }]) => (isSecret ? [name, `${name}_FILE`] : [name])),
  );
  for (const name of Object.keys(environment)) {
    if (known.has(name) || !OUR_PREFIXES.some((prefix) => name.startsWith(prefix))) continue;
    throw new CodedError('config-unknown', `environment variable ${name} is not known to switchfleet`, {
      details: { variable: name },
    });
  }
}
