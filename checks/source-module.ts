import { posix } from 'node:path';

/** One import of a module. */
export interface ModuleImport {
  /** path from the root of the repository for our own files, the package's name for others (`node:fs` as it is) */
  target: string;
  /** erased before it runs */
  isTypeOnly: boolean;
  /** `import()`, run when the code comes there */
  isDynamic: boolean;
}

/** What the arrows are drawn from. */
export interface SourceModule {
  /** from the root of the repository, with slashes */
  path: string;
  imports: ModuleImport[];
  readsEnvironment: boolean;
}

const STATIC = /^(?:import|export)\s+(type\s)?[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm;
const BARE = /^import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** Reads what a TypeScript file imports; `path` is from the root of the repository. The style of biome is assumed. */
export function readSourceModule(path: string, source: string): SourceModule {
  const code = source.replace(COMMENT, '');
  const found = [
    ...[...code.matchAll(STATIC)].map(([, type, to]) => ({
      to,
      isTypeOnly: type !== undefined,
      isDynamic: false,
    })),
    ...[...code.matchAll(BARE)].map(([, to]) => ({ to, isTypeOnly: false, isDynamic: false })),
    ...[...code.matchAll(DYNAMIC)].map(([, to]) => ({ to, isTypeOnly: false, isDynamic: true })),
  ];
  const imports = found.map(({ to = '', ...kind }) => ({ ...kind, target: resolveTarget(path, to) }));
  return { path, imports, readsEnvironment: /\bprocess\.env\b/.test(code) };
}

function resolveTarget(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  if (specifier.startsWith('node:')) return specifier;
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
