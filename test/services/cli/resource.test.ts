import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandLine } from '../../support/command-line.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

test('trunks, routes, sets and regions are made, shown, changed and removed by the rules of the api', async (t) => {
  const { database, connectionString } = await testDatabase(t);
  const switchfleet = commandLine(database, connectionString);
  await switchfleet('tenant', 'add', 'acme', '--description', 'a customer');
  await switchfleet('domain', 'add', 'acme.test', '--tenant', 'acme', '--country', 'GB');
  assert.equal(
    await switchfleet(
      'trunk',
      'add',
      'carrier',
      '--host',
      'sip.carrier.test',
      '--auth-password',
      'hush',
      '--max-channels',
      '30',
    ),
    'added trunk carrier\n',
  );
  const route = JSON.parse(
    await switchfleet('--json', 'trunk-route', 'add', '--prefix', '+44', '--trunk', 'carrier'),
  );
  assert.equal(route.prefix, '44');
  assert.match(
    await switchfleet('trunk-route', 'set', String(route.id), '--weight', '3'),
    /^changed trunk route/,
  );
  assert.match(await switchfleet('trunk-route', 'list', '--trunk', 'carrier'), /44 +- +carrier +0 +3/);
  assert.match(await switchfleet('trunk', 'set', 'carrier', '--max-channels', ''), /^changed/);
  const shown = await switchfleet('trunk', 'show', 'carrier');
  assert.match(shown, /max_channels +-\n/);
  assert.match(shown, /has_auth_password +true/);
  assert.ok(!shown.includes('hush'));

  await switchfleet('set', 'add', '1', '--name', 'all', '--dest-types', 'conference');
  assert.match(await switchfleet('set', 'list'), /1 +all .*conference/);
  await switchfleet('region', 'add', '203.0.113.7/24', '--region', 'eu');
  assert.match(await switchfleet('region', 'list'), /203\.0\.113\.0\/24 +eu/);
  await assert.rejects(switchfleet('trunk', 'add', 'b', '--host', 'x y'), { code: 'value-refused' });
  await assert.rejects(switchfleet('trunk', 'set', 'carrier', '--port', 'many'), { code: 'value-refused' });
  await assert.rejects(switchfleet('trunk', 'remove', 'carrier'), { code: 'in-use' });
  assert.match(
    await switchfleet('trunk-route', 'remove', String(route.id), '--dry-run'),
    /would have removed/,
  );
  await switchfleet('trunk-route', 'remove', String(route.id));
  await switchfleet('trunk', 'remove', 'carrier');
  await assert.rejects(switchfleet('trunk', 'show', 'carrier'), { code: 'not-found' });
  const audit = await switchfleet('audit', '--resource', 'trunks');
  assert.match(audit, /cli:\S+ +delete +trunks +carrier/);
  assert.match(audit, /create +trunks +carrier .*auth_password/);
  assert.ok(!audit.includes('hush'));
});

test('a file of DIDs goes in and comes out again; a wrong one is told line by line', async (t) => {
  const { database, connectionString } = await testDatabase(t);
  const switchfleet = commandLine(database, connectionString);
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);
  await switchfleet('domain', 'add', 'acme.test', '--tenant', 'default');
  await writeFile(
    path('dids.csv'),
    'did,domain,dest_type,destination\n+442071838750,acme.test,extension,1001\n',
  );
  assert.match(await switchfleet('did', 'import', path('dids.csv')), /1 rows: 1 new/);
  await switchfleet('did', 'export', path('out.csv'));
  assert.match(await readFile(path('out.csv'), 'utf8'), /\+442071838750/);
  assert.match(await switchfleet('did', 'import', path('out.csv')), /1 as they were/);
  await writeFile(
    path('bad.ndjson'),
    '{"did":"+442071838751","domain":"none.test","dest_type":"extension","destination":"1"}\nno\n',
  );
  await assert.rejects(switchfleet('did', 'import', path('bad.ndjson')), { code: 'import-refused' });
  await assert.rejects(switchfleet('did', 'import', path('absent.csv')), { code: 'file-unreadable' });
});

test('completion knows every command and option', async (t) => {
  const { database, connectionString } = await testDatabase(t, { migrated: false });
  const switchfleet = commandLine(database, connectionString);
  const script = await switchfleet('completion', 'bash');
  const complete = (...words: string[]) => {
    const { stdout, status, stderr } = spawnSync(
      'bash',
      [
        '-c',
        `${script}\nCOMP_WORDS=(switchfleet "$@"); COMP_CWORD=$#; _switchfleet; echo "\${COMPREPLY[@]}"`,
        'bash',
        ...words,
      ],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    return stdout.trim().split(' ');
  };
  assert.ok(complete('').includes('trunk-route'));
  assert.deepEqual(complete('trunk-r'), ['trunk-route']);
  assert.deepEqual(complete('did', 'im'), ['import']);
  assert.ok(complete('trunk', 'set', 'carrier', '--max-c').includes('--max-channels'));
  for (const shell of ['zsh', 'fish']) assert.match(await switchfleet('completion', shell), /trunk-route/);
  await assert.rejects(switchfleet('completion', 'tcsh'), { code: 'value-refused' });
});
