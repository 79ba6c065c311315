import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { EslProbe } from './esl-probe.ts';
import { readFixture } from './fixture.ts';
import { startFleet } from './fleet.ts';
import { loadRecording, type Recording } from './recording.ts';

const recording = loadRecording('run-01');

/** The reply to a command in a file of recorded api replies, without its frame. */
function recordedReply(file: string, command: string): string {
  const text = readFixture(`run-01/api/${file}`);
  const start = text.indexOf(`>>> api ${command}\n`);
  const [, length = '', rest = ''] = /Content-Length: (\d+)\n\n([\s\S]*)/.exec(text.slice(start)) ?? [];
  assert.ok(start >= 0, command);
  return rest.slice(0, Number(length));
}

/** A fleet that has played the recording up to the moment at which a node was asked so. */
async function playedUpTo(t: TestContext, command: string, time: number) {
  const marks = recording.items.filter(
    (item) =>
      item.kind === 'event' &&
      item.node === 'fs01' &&
      item.json.includes(`"API-Command-Argument":"${command}"`),
  );
  const mark = marks[time];
  assert.ok(mark?.kind === 'event');
  const items = recording.items.slice(0, recording.items.indexOf(mark));
  const part: Recording = { ...recording, items };
  const fleet = await startFleet({ recording: part });
  t.after(() => fleet.stop());
  await fleet.replay({ speed: Number.POSITIVE_INFINITY }).finished;
  const probe = await EslProbe.open(fleet.node('fs01'));
  return { fleet, probe };
}

type Table = { row_count: number; rows: Record<string, string>[] };

/** Rows by uuid or token, without the times: they are shifted. */
function comparable(reply: string): unknown {
  const { row_count, rows } = JSON.parse(reply) as Table;
  const timeless = rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => !/created|expires/.test(column))),
  );
  const key = (row: Record<string, string>) => row['uuid'] ?? row['token'] ?? '';
  return { row_count, rows: timeless.toSorted((a, b) => key(a).localeCompare(key(b))) };
}

test('`show channels` and `show calls` tell what FreeSWITCH told at that moment', async (t) => {
  const { probe } = await playedUpTo(t, 'channels as json', 1);
  for (const command of ['show channels as json', 'show calls as json']) {
    const reply = await probe.ask(`api ${command}`);
    const recorded = recordedReply('04-fs01-active.txt', command);
    assert.deepEqual(comparable(reply), comparable(recorded), command);
    const columns = (text: string) => Object.keys((JSON.parse(text) as Table).rows[0] ?? {});
    assert.deepEqual(columns(reply), columns(recorded));
  }
  for (const command of ['show channels count', 'show calls count']) {
    assert.equal(await probe.ask(`api ${command}`), recordedReply('04-fs01-active.txt', command));
  }
});

test('`show registrations` tells who is registered at that moment', async (t) => {
  const { probe } = await playedUpTo(t, 'registrations as json', 1);
  const reply = await probe.ask('api show registrations as json');
  const recorded = recordedReply('03-fs01-registered.txt', 'show registrations as json');
  assert.deepEqual(comparable(reply), comparable(recorded));
  assert.equal(await probe.ask('api show registrations count'), '\n2 total.\n');
});

test('answers of an idle node are FreeSWITCH’s, byte for byte where they hold no time', async (t) => {
  const fleet = await startFleet({ recording });
  t.after(() => fleet.stop());
  const probe = await EslProbe.open(fleet.node('fs01'));
  const commands = [
    ...[
      'show channels as json',
      'show calls as json',
      'show calls count',
      'show registrations as json',
      'hostname',
    ],
    ...['switchname', 'global_getvar core_uuid', 'global_getvar switchname', `eval \${core_uuid}`, 'version'],
    ...['fsctl shutdown_check', 'nosuchcommand'],
  ];
  for (const command of commands) {
    assert.equal(await probe.ask(`api ${command}`), recordedReply('01-fs01-idle.txt', command), command);
  }
  const shape = (text: string) => text.replace(/\d+/g, 'N').replace(/N (\w+?)s?,/g, 'N $1,');
  const status = await probe.ask('api status');
  assert.equal(shape(status), shape(recordedReply('01-fs01-idle.txt', 'status')));
});

test('`fsctl pause` is remembered, `uuid_dump` tells a channel’s variables, a given answer wins', async (t) => {
  const { fleet, probe } = await playedUpTo(t, 'channels as json', 1);
  assert.equal(await probe.ask('api fsctl pause'), '+OK\n');
  assert.match(await probe.ask('api status'), /is not ready/);
  const uuid = '25f02b01-e5c7-4257-a7af-6e3141265ebe';
  const dump = JSON.parse(await probe.ask(`api uuid_dump ${uuid} json`)) as Record<string, string>;
  assert.equal(dump['Event-Name'], 'CHANNEL_DATA');
  assert.equal(dump['Unique-ID'], uuid);
  assert.equal(dump['variable_originator'], '1b65ef5e-7d5d-49fe-8c6c-eff303eac08f');
  assert.equal(await probe.ask('api uuid_dump nobody json'), '-ERR No such channel!\n');
  fleet.node('fs01').answer('sofia status', 'mine');
  assert.equal(await probe.ask('api sofia status'), 'mine');
  assert.deepEqual(fleet.node('fs01').commands.slice(0, 2), ['fsctl pause', 'status']);
});
