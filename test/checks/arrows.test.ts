import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findForbiddenArrows } from '../../checks/arrows.ts';
import { readSourceModule } from '../../checks/source-module.ts';

/** The forbidden arrows among files given as path → source. */
function arrowsOf(files: Record<string, string>): string[] {
  return findForbiddenArrows(Object.entries(files).map(([path, source]) => readSourceModule(path, source)));
}

const FORBIDDEN: Record<string, [path: string, source: string]> = {
  'libs import a service': ['libs/calls/fold.ts', "import { x } from '../../services/merger/service.ts';"],
  'libs import the type of a service': ['libs/a.ts', "import type { X } from '../services/api/service.ts';"],
  'a service imports another': ['services/cdr/gate.ts', "import { x } from '../writer/service.ts';"],
  'a service runs another': ['services/cdr/gate.ts', "await import('../writer/main.ts');"],
  'standalone reaches into a service': ['services/standalone/a.ts', "import { x } from '../cdr/gate.ts';"],
  'the cli imports a service at once': ['services/cli/main.ts', "import '../cdr/main.ts';"],
  'the cli runs a part of a service': ['services/cli/main.ts', "await import('../cdr/gate.ts');"],
  'a service imports a test': ['services/cdr/gate.ts', "import { x } from '../../test/support/demo.ts';"],
  'a re-export over several lines': ['libs/a.ts', "export {\n  x,\n  y,\n} from '../services/api/x.ts';"],
  'a lib reads the environment': ['libs/http/app.ts', "const port = process.env['PORT'];"],
};

for (const [name, [path, source]] of Object.entries(FORBIDDEN)) {
  test(`forbidden: ${name}`, () => {
    const [line, ...others] = arrowsOf({ [path]: source });
    assert.ok(line?.startsWith(`${path} `), `names the file: ${line}`);
    assert.deepEqual(others, []);
  });
}

const ALLOWED: Record<string, [path: string, source: string]> = {
  'a service imports libs': ['services/cdr/gate.ts', "import { x } from '../../libs/bus/bus.ts';"],
  'a service imports itself': ['services/cdr/service.ts', "import { x } from './gate.ts';"],
  'standalone imports a service': ['services/standalone/a.ts', "import { x } from '../cdr/service.ts';"],
  'the cli runs a service': ['services/cli/main.ts', "await import('../cdr/main.ts');"],
  'libs/config reads the environment': ['libs/config/config.ts', 'load(process.env);'],
  'a comment speaks of it': [
    'libs/a.ts',
    "/* process.env\n import('../services/api/x.ts') */\n// process.env",
  ],
  'a test imports anything': ['test/a.test.ts', "import { x } from '../services/cdr/gate.ts';"],
};

for (const [name, [path, source]] of Object.entries(ALLOWED)) {
  test(`allowed: ${name}`, () => assert.deepEqual(arrowsOf({ [path]: source }), []));
}

test('a hot service that reaches drizzle is told by which way', () => {
  const files = {
    'services/cdr/service.ts': "import { search } from '../../libs/store/search.ts';",
    'libs/store/search.ts': "import { pgTable } from 'drizzle-orm/pg-core';",
    'services/api/service.ts': "import { search } from '../../libs/store/search.ts';",
  };
  assert.deepEqual(arrowsOf(files), [
    'services/cdr/service.ts → libs/store/search.ts → drizzle-orm: hot services never load drizzle-orm',
  ]);
});

test('a type alone loads nothing', () => {
  const files = {
    'services/cdr/service.ts': "import type { Search } from '../../libs/store/search.ts';",
    'libs/store/search.ts': "import { pgTable } from 'drizzle-orm/pg-core';",
  };
  assert.deepEqual(arrowsOf(files), []);
});
