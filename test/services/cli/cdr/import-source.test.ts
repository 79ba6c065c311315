import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { loadConfig } from '../../../../libs/config/config.ts';
import { defineImportCommand } from '../../../../services/cli/commands/cdr/import.ts';
import { createContext } from '../../../../services/cli/context.ts';
import { folderOf } from './spool-folder.ts';

const URL_A = 'http://127.0.0.1:1/cdr';
const CSV = ['--csv', 'x.csv', '--map', 'mod_cdr_csv'];
const TABLE = ['--postgres', 'postgresql:///x', '--map', 'fusionpbx', '--table', 'x'];

/** Runs `cdr import` as far as it goes without a database. */
async function importWith(args: readonly string[]): Promise<void> {
  const cdr = new Command().exitOverride();
  const streams = { out: { write: () => true }, err: { write: () => true } };
  defineImportCommand(cdr, createContext(loadConfig({}), streams));
  await cdr.parseAsync(['import', ...args], { from: 'user' });
}

test('refuses options that say nothing of what is imported, and two sources', async (t) => {
  const folder = folderOf(t);
  for (const [args, message] of [
    [[...CSV, '--delete', '--watch', '--url', URL_A], '--delete says nothing of --csv'],
    [[...CSV, '--watch'], '--watch says nothing of --csv'],
    [[...CSV, '--table', 'cdr'], '--table says nothing of --csv'],
    [[...TABLE, '--move-to', folder], '--move-to says nothing of --postgres'],
    [[...TABLE, '--url', URL_A], '--url says nothing of --postgres'],
    [[folder, '--table', 'v_xml_cdr', '--map', 'fusionpbx'], '--table says nothing of a folder'],
    [[folder, '--time-zone', 'UTC'], '--time-zone says nothing of a folder'],
    [[folder, '--node', 'fs01'], '--node says nothing of a folder'],
    [[folder, ...CSV], 'name a folder, or --csv, or --postgres'],
    [[], 'name a folder, or --csv, or --postgres'],
  ] as const)
    await assert.rejects(importWith(args), { code: 'value-refused', message });
  for (const address of ['nonsense', 'mysql://127.0.0.1/x', '127.0.0.1:5432/x']) {
    const args = ['--postgres', address, '--map', 'fusionpbx', '--table', 'x', '--node', 'old01'];
    await assert.rejects(importWith(args), { code: 'value-refused', message: /^--postgres must look like/ });
  }
  for (const address of [
    'postgres://u@h/x',
    'postgresql://u@/x?host=/run',
    '/run/postgresql x',
    'socket:/run?db=x',
  ]) {
    const args = ['--postgres', address, '--map', 'fusionpbx', '--table', 'x', '--node', 'old01'];
    await assert.rejects(importWith(args), { code: 'database-not-found' }, `${address} is one`);
  }
  await assert.rejects(
    importWith([...CSV, '--node', 'old01']),
    { code: 'database-not-found' },
    'and takes the others',
  );
});
