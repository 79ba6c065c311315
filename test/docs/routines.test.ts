import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commandLine } from '../support/command-line.ts';
import { testDatabase } from '../support/stack/test-database.ts';

const PAGE = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

/** The words of a line as a shell has them: with single quotes, and nothing else that a shell would do. */
function wordsOf(line: string): string[] {
  assert.doesNotMatch(line, /[|<>&;$`"\\](?![^']*')/, `the test does not know how to run ${line}`);
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

test('the commands of the routines do what the page says, in their order', async (t) => {
  const chapter = /^## Routines\n([\s\S]*?)^## /m.exec(PAGE)?.[1] ?? '';
  const blocks = [...chapter.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  const lines = blocks
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith('switchfleet '));
  assert.ok(lines.length >= 14, `${lines.length} commands`);
  const { connectionString, database } = await testDatabase(t);
  const switchfleet = commandLine(database, connectionString);
  const answers: string[] = [];
  for (const line of lines) {
    const [, ...words] = wordsOf(line);
    // as a collector would: the node is heard, and has no calls
    if (words.includes('--wait'))
      await database.write.query(
        `insert into node_status (node, state, load, load_at) values ($1, 'live', '{"sessions": 0}', now())
         on conflict (node) do update set load_at = now()`,
        [words[2]],
      );
    const answer = await switchfleet(...words).catch((error: Error) =>
      assert.fail(`${line}: ${error.message}`),
    );
    answers.push(answer);
  }
  const said = answers.join('');
  for (const expected of [
    /its own HTTP credential, shown only now: fs03:/,
    /fs03 is draining .*\nfs03 has 0 sessions/,
    /node fs03 is active \(was draining\)/,
    /node fs03 is disabled/,
    /removed node fs03/,
    /made token billing-2 \(analyst/,
    /revoked token billing-2/,
    /the schema is up to date/,
  ])
    assert.match(said, expected);
});
