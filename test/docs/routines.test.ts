import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openBus } from '../../libs/bus/open-bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createCdrService } from '../../services/cdr/service.ts';
import { commandLine } from '../support/command-line.ts';
import { spoolFiles } from '../support/recorded-cdrs.ts';
import { testDatabase } from '../support/stack/test-database.ts';

const PAGE = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

/** The words of a line as a shell has them: with single quotes, and nothing else that a shell would do. */
function wordsOf(line: string): string[] {
  assert.doesNotMatch(line, /[|<>&;$`"\\](?![^']*')/, `the test does not know how to run ${line}`);
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

const PASSWORD = 'freeswitch-secret';
const SERVICE = 'http://192.0.2.1:3102';

/** The `switchfleet` commands in the fenced blocks of a chapter. */
function commandsOf(title: string): string[] {
  const chapter = new RegExp(`^## ${title}\\n([\\s\\S]*?)^## `, 'm').exec(PAGE)?.[1] ?? '';
  const blocks = [...chapter.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.split('\n')).filter((line) => line.startsWith('switchfleet '));
}

/** Service cdr where the page has one, and the folders of a node, each with a CDR. */
async function startPlace(t: TestContext, connectionString: string): Promise<Map<string, string>> {
  const config = loadConfig({ DATABASE_URL: connectionString, FREESWITCH_PASSWORD: PASSWORD, CDR_PORT: '0' });
  const logger = createLogger({ service: 'cdr', level: 'silent' });
  const shared = { config, logger, metrics: createMetrics('cdr'), clock: createClock() };
  const bus = await openBus(shared);
  const service = createCdrService({ ...shared, bus });
  await service.start();
  const root = await mkdtemp(join(tmpdir(), 'switchfleet-routines-'));
  t.after(async () => {
    await service.stop();
    await bus.close();
    await rm(root, { recursive: true, force: true });
  });
  const folders = ['xml_cdr_err', 'xml_cdr'];
  const spooled = spoolFiles();
  for (const [at, name] of folders.entries()) {
    await mkdir(join(root, name));
    const file = spooled[at];
    assert.ok(file);
    const path = join(root, name, basename(file.name));
    await writeFile(path, file.body);
    // one that is just being written is left for the next time
    await utimes(path, 1, 1);
  }
  return new Map([
    [SERVICE, `http://127.0.0.1:${service.port}`],
    ...folders.map((name) => [`/var/log/freeswitch/${name}`, join(root, name)] as const),
  ]);
}

test('the commands of the routines do what the page says, in their order', async (t) => {
  const lines = [...commandsOf('Routines'), ...commandsOf('Backup and restore')];
  assert.ok(lines.length >= 17, `${lines.length} commands`);
  const { connectionString, database } = await testDatabase(t);
  const place = await startPlace(t, connectionString);
  const switchfleet = commandLine(database, connectionString, { FREESWITCH_PASSWORD: PASSWORD });
  const here = (word: string) => {
    const [from, to] = [...place].find(([known]) => word === known || word.startsWith(`${known}/`)) ?? [
      '',
      '',
    ];
    return from === '' ? word : word.replace(from, to);
  };
  const answers: string[] = [];
  for (const line of lines) {
    const words = wordsOf(line).slice(1).map(here);
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
    /(?:accepted by the service 1,[\s\S]*){2}/,
  ])
    assert.match(said, expected);
});
