import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { xmlCdr } from '../../../libs/freeswitch/cdr/xml-cdr.ts';
import { interceptCall, systemError } from './failing-file.ts';
import { filesIn, folderOf, run, write } from './spool-folder.ts';

test('a file that is moved to another file system is there whole or not at all', async (t) => {
  const folder = folderOf(t);
  const done = folderOf(t);
  const body = xmlCdr({});
  let copy = '';
  let isKilled = true;
  interceptCall(t, 'link', (from = '', to = '') => {
    if (dirname(from) !== dirname(to)) throw systemError('EXDEV');
    copy = from;
    assert.equal(readFileSync(from, 'utf8'), body, 'a name is given to what is whole');
    if (isKilled) throw systemError('EIO');
  });
  write(folder, '1.cdr.xml', body);
  const { told } = await run(folder, { kind: 'move', folder: done });
  assert.match(told.join(), /1\.cdr\.xml: its CDR is durable, and it cannot be moved: EIO/);
  assert.deepEqual([filesIn(folder), filesIn(done)], [['1.cdr.xml'], []]);

  // what a run left that was killed while it wrote, at its longest
  isKilled = false;
  assert.match(basename(copy), /^\..*\.switchfleet-moving$/);
  for (const rest of [body.slice(0, 100), `${body}${body}`]) {
    write(folder, '1.cdr.xml', body);
    writeFileSync(copy, rest);
    assert.deepEqual((await run(done, { kind: 'leave' })).posted.includes(basename(copy)), false);
    await run(folder, { kind: 'move', folder: done });
    assert.deepEqual([filesIn(folder), filesIn(done)], [[], ['1.cdr.xml']]);
    assert.equal(readFileSync(join(done, '1.cdr.xml'), 'utf8'), body);
  }
});

test('a file system without links has the file too, and nothing is written over', async (t) => {
  const folder = folderOf(t);
  const done = folderOf(t);
  interceptCall(t, 'link', () => {
    throw systemError('EPERM');
  });
  for (const callerName of ['one', 'other']) {
    write(folder, '1.cdr.xml', xmlCdr({ callerName }));
    await run(folder, { kind: 'move', folder: done });
  }
  assert.deepEqual(filesIn(done), ['1.1.cdr.xml', '1.cdr.xml']);
  assert.match(readFileSync(join(done, '1.cdr.xml'), 'utf8'), /one/);
  assert.match(readFileSync(join(done, '1.1.cdr.xml'), 'utf8'), /other/);
  assert.ok(!existsSync(join(folder, '1.cdr.xml')));
});

test('without links, too, the file is there whole or not at all, also when a run is killed in between', async (t) => {
  const folder = folderOf(t);
  const done = folderOf(t);
  const body = xmlCdr({});
  interceptCall(t, 'link', () => {
    throw systemError('EPERM');
  });
  const left = new Map<string, Buffer>();
  let isKilled = true;
  interceptCall(t, 'rename', () => {
    if (!isKilled) return;
    for (const name of filesIn(done)) left.set(name, readFileSync(join(done, name)));
    throw systemError('EIO');
  });
  write(folder, '1.cdr.xml', body);
  const { told } = await run(folder, { kind: 'move', folder: done });
  assert.match(told.join(), /1\.cdr\.xml: its CDR is durable, and it cannot be moved: EIO/);
  assert.deepEqual([filesIn(folder), filesIn(done)], [['1.cdr.xml'], []]);
  assert.ok(left.size > 0 && ![...left.keys()].includes('1.cdr.xml'), [...left.keys()].join());

  // what the killed run left says which bytes it is for: those take the name, and others go beside it
  isKilled = false;
  const leave = () => left.forEach((bytes, name) => void writeFileSync(join(done, name), bytes));
  leave();
  assert.deepEqual((await run(done, { kind: 'leave' })).posted, []);
  write(folder, '1.cdr.xml', xmlCdr({ callerName: 'other' }));
  await run(folder, { kind: 'move', folder: done });
  assert.deepEqual([filesIn(folder), existsSync(join(done, '1.cdr.xml'))], [[], false]);
  assert.match(readFileSync(join(done, '1.1.cdr.xml'), 'utf8'), /other/);
  write(folder, '1.cdr.xml', body);
  await run(folder, { kind: 'move', folder: done });
  assert.deepEqual([filesIn(folder), filesIn(done)], [[], ['1.1.cdr.xml', '1.cdr.xml']]);
  assert.equal(readFileSync(join(done, '1.cdr.xml'), 'utf8'), body);
});
