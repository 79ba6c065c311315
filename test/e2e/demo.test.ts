import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { startChild } from '../support/child-process.ts';
import { type ExpectedCall, loadExpected } from '../support/expected-calls.ts';
import { filesAtOnce } from '../support/files-at-once.ts';

const MINUTE_S = 60;

/** What `npm run NAME` runs. */
function script(name: string): string {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  return /^node (\S+)$/.exec(scripts[name] ?? '')?.[1] ?? `no script ${name}`;
}

/** A line of the table: columns are two blanks or more apart. */
function row(line: string): string[] {
  return line.trim().split(/ {2,}/);
}

/** Whether a line tells of a call: a column that the recording does not decide is not compared. */
function tells(line: string, call: ExpectedCall): boolean {
  const [, parties = '', nodes, legs, disposition, ...rest] = row(line);
  const [caller, callee] = parties.split(' → ');
  const isAnswered = rest.length === 2;
  const talk = isAnswered ? Number.parseFloat(rest[0] ?? '') : 0;
  return (
    nodes === call.nodes.join(' → ') &&
    legs === String(call.legs.length) &&
    [call.caller ?? caller, call.callee ?? callee].join() === [caller, callee].join() &&
    (call.disposition ?? disposition) === disposition &&
    Math.abs(talk - (call.billsec ?? talk)) <= 1 &&
    (call.hangup_cause ?? rest.at(-1)) === rest.at(-1)
  );
}

describe('what a person tries first', () => {
  it('npm run demo: the recorded calls as a table, in under a minute, exit 0', async () => {
    const child = startChild({ entry: script('demo') });
    const limitS = MINUTE_S * filesAtOnce();
    assert.equal(await child.ended((limitS + MINUTE_S) * 1_000), 0, child.output());
    const lines = child.output().split('\n');
    const rows = lines.filter((line) => /^\d\d:\d\d:\d\d /.test(line));
    const { calls } = await loadExpected('run-01');
    for (const call of calls) {
      const at = rows.findIndex((line) => tells(line, call));
      assert.ok(at >= 0, `no line tells of ${call.label}: ${JSON.stringify(call)}\n${rows.join('\n')}`);
      rows.splice(at, 1);
    }
    assert.deepEqual(rows, [], 'no other call');
    const [, seconds] = /^done in (\d+) s$/m.exec(child.output()) ?? [];
    assert.ok(Number(seconds) < limitS, `it took ${seconds} s`);
  });

  it('npm run simulate: three servers make calls of the recorded ones, at the rate that was asked for', async () => {
    const given = '--nodes 3 --cps 20 --seconds 60 --clock-rate 20 --json'.split(' ');
    const child = startChild({ entry: script('simulate'), args: given });
    assert.equal(await child.ended(90_000), 0, child.output());
    const lines = child.output().trim().split('\n');
    const sockets = lines.flatMap((line) => /^(fs\d+) listens on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1] ?? []);
    assert.deepEqual(sockets, ['fs01', 'fs02', 'fs03']);
    const { calls, events, lost } = JSON.parse(lines.at(-1) ?? '') as Record<string, number>;
    assert.deepEqual([calls, lost], [1_200, 0]);
    assert.ok((events ?? 0) > 20 * 1_200, `a call is more than ${events} events`);
  });
});
