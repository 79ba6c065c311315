import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { switchfleet } from '../../../support/command.ts';
import { interceptCall, systemError } from './failing-file.ts';
import { filesIn, folderOf, run, watchFor, write } from './spool-folder.ts';

test('what was moved below the folder is not found there again, through whatever link either is named', async (t) => {
  const real = folderOf(t);
  const link = join(folderOf(t), 'link');
  symlinkSync(real, link);
  for (const [folder, done] of [
    [link, join(real, 'done')],
    [real, join(link, 'done')],
  ] as const) {
    write(real, '1.cdr.xml');
    for (const posted of [['1.cdr.xml'], []])
      assert.deepEqual((await run(folder, { kind: 'move', folder: done })).posted, posted);
    assert.deepEqual(filesIn(real), ['done/1.cdr.xml']);
  }
  const args = ['cdr', 'import', link, '--move-to', real, '--url', 'http://127.0.0.1:1/cdr'];
  assert.match((await switchfleet(args, {})).err, /--move-to names the folder that is imported/);
});

for (const code of ['EIO', 'ESTALE', 'EACCES', 'ENOTCONN']) {
  test(`a file or a folder of which the disk says ${code} is named, and holds up none`, async (t) => {
    const folder = folderOf(t);
    const names = ['a.cdr.xml', 'b.cdr.xml', 'c.cdr.xml', 'below/d.cdr.xml', 'closed/e.cdr.xml', 'z.cdr.xml'];
    for (const name of names) write(folder, name);
    const fails =
      (...bad: string[]) =>
      (path = '') => {
        if (bad.includes(basename(path))) throw systemError(code);
      };
    interceptCall(t, 'readFile', fails('a.cdr.xml'));
    interceptCall(t, 'stat', fails('b.cdr.xml', 'e.cdr.xml'));
    interceptCall(t, 'readdir', fails('below'));
    const { report, posted, told } = await run(folder, { kind: 'delete' });
    assert.deepEqual(posted, ['c.cdr.xml', 'z.cdr.xml']);
    assert.deepEqual(
      told.map((line) => line.split(':')[0]),
      ['a.cdr.xml', 'b.cdr.xml', 'below', 'closed/e.cdr.xml'],
    );
    assert.deepEqual([report.accepted, report.incomplete], [2, 4]);
  });
}

for (const code of ['ENOMEM', 'EMFILE']) {
  test(`an import ends when the process itself is short of something (${code}), and when its folder cannot be read`, async (t) => {
    const folder = folderOf(t);
    write(folder, 'a.cdr.xml');
    let isRoot = false;
    interceptCall(t, 'stat', () => {
      if (!isRoot) throw systemError(code);
    });
    interceptCall(t, 'readdir', () => {
      if (isRoot) throw systemError('EIO');
    });
    await assert.rejects(run(folder, { kind: 'delete' }), { code });
    isRoot = true;
    await assert.rejects(run(folder, { kind: 'delete' }), { code: 'EIO' });
  });
}

test('a watched file that cannot be read is tried less and less, without those behind it', async (t) => {
  const folder = folderOf(t);
  write(folder, 'odd.cdr.xml');
  mkdirSync(join(folder, 'below'));
  const asked: string[] = [];
  const note = (path = '') => {
    if (!['odd.cdr.xml', 'below'].includes(basename(path))) return;
    asked.push(basename(path));
    throw systemError('EIO');
  };
  interceptCall(t, 'readFile', note);
  interceptCall(t, 'readdir', note);
  const posted = await watchFor(folder, 300, {
    takes: () => true,
    at: (second) => {
      if (second % 50 === 25) write(folder, `at-${second}.cdr.xml`);
    },
    onLeft: () => undefined,
  });
  for (const name of ['odd.cdr.xml', 'below']) {
    const times = asked.filter((each) => each === name).length;
    assert.ok(times >= 5 && times <= 10, `${name} ${times}`);
  }
  assert.equal(posted.length, 6);
  for (const line of posted) assert.ok(Number.parseInt(line, 10) - Number(line.split('-')[1]) <= 2, line);
});
