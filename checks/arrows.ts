import type { ModuleImport, SourceModule } from './source-module.ts';

/** These answer calls or take every event: importing drizzle costs each of them 200 MB. */
const HOT_SERVICES = ['directory', 'routing', 'cdr', 'writer', 'collector', 'merger'];
const HEAVY_PACKAGE = 'drizzle-orm';
const PRODUCT = /^(libs|services)\//;

/**
 * Every arrow that the design forbids, as one line a person can act on: libs never import services; services never
 * import each other, except standalone each `service.ts` and cli a `main.ts` by import(); neither imports tests,
 * benches or checks; only libs/config reads the environment; hot services never reach drizzle.
 */
export function findForbiddenArrows(modules: readonly SourceModule[]): string[] {
  const product = modules.filter(({ path }) => PRODUCT.test(path));
  return [
    ...product.flatMap(forbiddenImports),
    ...product
      .filter(readsForeignEnvironment)
      .map(({ path }) => `${path} reads process.env: only libs/config may`),
    ...HOT_SERVICES.flatMap((service) => heavyPath(service, product)),
  ];
}

function forbiddenImports({ path, imports }: SourceModule): string[] {
  return imports.flatMap((arrow) => {
    const reason = whyForbidden(path, arrow);
    return reason === undefined ? [] : [`${path} imports ${arrow.target}: ${reason}`];
  });
}

function whyForbidden(from: string, { target, isDynamic }: ModuleImport): string | undefined {
  if (/^(test|bench|checks)\//.test(target)) return 'the product imports no tests, benches or checks';
  const to = serviceOf(target);
  if (to === undefined) return undefined;
  const own = serviceOf(from);
  if (own === undefined) return 'libs never import services';
  if (own === to) return undefined;
  if (own === 'standalone' && target === `services/${to}/service.ts`) return undefined;
  if (own === 'cli' && target === `services/${to}/main.ts` && isDynamic) return undefined;
  return 'services never import each other';
}

function serviceOf(path: string): string | undefined {
  return /^services\/([^/]+)\//.exec(path)?.[1];
}

function readsForeignEnvironment({ path, readsEnvironment }: SourceModule): boolean {
  return readsEnvironment && !path.startsWith('libs/config/');
}

/** The shortest chain of imports from a hot service to the heavy package, if there is one. */
function heavyPath(service: string, modules: readonly SourceModule[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const chains = ['main.ts', 'service.ts'].map((file) => [`services/${service}/${file}`]);
  const seen = new Set<string>();
  for (let chain = chains.shift(); chain !== undefined; chain = chains.shift()) {
    const last = chain.at(-1) ?? '';
    if (last === HEAVY_PACKAGE) return [`${chain.join(' → ')}: hot services never load ${HEAVY_PACKAGE}`];
    for (const { target, isTypeOnly } of byPath.get(last)?.imports ?? []) {
      if (isTypeOnly || seen.has(target)) continue;
      seen.add(target);
      chains.push([...chain, target]);
    }
  }
  return [];
}
