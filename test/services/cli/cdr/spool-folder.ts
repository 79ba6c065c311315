import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { createClock } from '../../../../libs/clock/clock.ts';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import type { Destination, Outcome } from '../../../../services/cli/commands/cdr/spool/destination.ts';
import type { Disposal } from '../../../../services/cli/commands/cdr/spool/disposal.ts';
import { createJournal } from '../../../../services/cli/commands/cdr/spool/journal.ts';
import { importSpool } from '../../../../services/cli/commands/cdr/spool/spool-import.ts';
import type { SpoolReport } from '../../../../services/cli/commands/cdr/spool/spool-report.ts';
import { keepLooking } from '../../../../services/cli/commands/cdr/spool/watch.ts';
import { xmlCdr } from '../../../libs/freeswitch/cdr/xml-cdr.ts';

/** A folder that goes with the test. */
export function folderOf(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'switchfleet-spool-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Writes a file of long ago. */
export function write(folder: string, name: string, body = xmlCdr({})): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), body);
  utimesSync(join(folder, name), 1, 1);
}

/** What a run of the importer came to: its report, what it posted, and what it told of. */
export async function run(
  folder: string,
  disposal: Disposal,
  options: Partial<Parameters<typeof importSpool>[0]> = {},
): Promise<{ report: SpoolReport; posted: string[]; told: string[] }> {
  const posted: string[] = [];
  const told: string[] = [];
  const destination: Destination = async (files) => {
    posted.push(...files.map(({ name }) => name));
    return files.map(() => 'accepted');
  };
  const report = await importSpool({
    ...{ folder, disposal, destination, journal: createJournal(), clock: createClock() },
    ...{ cutAfterMs: 0, isPatient: false, onProgress: () => undefined },
    onLeft: ({ name }, why) => told.push(`${name}: ${why}`),
    ...options,
  });
  return { report, posted: posted.sort(), told: told.sort() };
}

/** Every file below a folder. */
export const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

interface WatchedFolder {
  takes: (name: string, second: number) => boolean | Outcome;
  at: (second: number) => void;
  onLeft?: (line: string) => void;
}

/** A watched folder in a time of its own: what was posted at which second, until it is stopped. */
export async function watchFor(
  folder: string,
  seconds: number,
  { takes, at, onLeft = () => assert.fail() }: WatchedFolder,
): Promise<string[]> {
  const startUs = Date.UTC(2026, 10, 20) * 1000;
  let nowUs = startUs;
  const second = () => (nowUs - startUs) / 1e6;
  const posted: string[] = [];
  const stop = new AbortController();
  const refusal = new CodedError('cdr-service-refuses', 'answers 500');
  await keepLooking({
    ...{ folder, disposal: { kind: 'delete' }, journal: createJournal(), signal: stop.signal },
    clock: {
      ...createClock(),
      nowUs: () => nowUs,
      sleep: async (ms) => {
        for (const end = nowUs + ms * 1000; nowUs < end; nowUs += 1e6) at(second());
        if (second() >= seconds) stop.abort();
      },
    },
    destination: async (files) => {
      for (const { name } of files) posted.push(`${second()} ${name.slice(0, -'.cdr.xml'.length)}`);
      return files.map(({ name }) => {
        const answer = takes(name, second());
        if (typeof answer === 'string') return answer;
        return answer ? 'accepted' : refusal;
      });
    },
    onLeft: ({ name }, why) => onLeft(`${second()} ${name}: ${why}`),
    onLook: () => undefined,
  });
  return posted;
}
