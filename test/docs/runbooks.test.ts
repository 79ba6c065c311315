import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Command } from 'commander';
import { createApp } from '../../libs/http/app.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { addRunbookRoutes } from '../../services/api/runbook-routes.ts';
import type { CommandContext } from '../../services/cli/command-context.ts';
import { createProgram } from '../../services/cli/program.ts';
import { alertRules } from '../support/alert-rules.ts';

const FOLDER = new URL('../../docs/runbooks/', import.meta.url);
const pages = readdirSync(FOLDER).map((file) => ({
  name: file.replace(/\.md$/, ''),
  text: readFileSync(new URL(file, FOLDER), 'utf8'),
}));

test('every alert has a page, and every page is of an alert', () => {
  const alerts = [...new Set(alertRules().map(({ alert }) => alert))].sort();
  assert.deepEqual(pages.map(({ name }) => name).sort(), alerts);
});

test('every page says what it means, what it does, how to look and what to do', () => {
  for (const { name, text } of pages) {
    const headings = text.match(/^#{1,2} .*$/gm);
    assert.deepEqual(headings, [`# ${name}`, '## Meaning', '## Impact', '## Diagnosis', '## Mitigation']);
    assert.match(text, /```sh\n/, name);
  }
});

test('links between pages lead somewhere', () => {
  for (const { name, text } of pages)
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g))
      assert.ok(readFileSync(new URL(target, FOLDER), 'utf8').length > 0, `${name} → ${target}`);
});

test('every switchfleet command of a page exists, with its options', () => {
  const commands = pages.flatMap(
    ({ text }) => text.match(/(?<=^|`|=[0-9]+ )switchfleet [a-z][^`\n]*/gm) ?? [],
  );
  assert.ok(commands.length > 60, `${commands.length} commands`);
  const program = createProgram({ output: { useJson: () => undefined } } as unknown as CommandContext);
  for (const command of new Set(commands)) assertKnown(program, command);
});

/** Goes down the words of a command for as long as they name commands of commands, then looks at the options. */
function assertKnown(program: Command, line: string): void {
  const words = line
    .replace(/ (?:[|>]|&&).*$/, '')
    .split(/\s+/)
    .slice(1);
  let command = program;
  for (const word of words) {
    if (command.commands.length === 0 || word.startsWith('--')) break;
    const next = command.commands.find((one) => one.name() === word);
    assert.ok(next, `there is no command ${word}: ${line}`);
    command = next;
  }
  const known = command.options.map(({ long }) => long);
  for (const option of words.filter((word) => word.startsWith('--')))
    assert.ok(known.includes(option), `${line}: no option ${option}`);
}

test('the api serves a page by its name, and nothing else', async (t) => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const health = () => ({ ready: true, reasons: [] });
  const app = createApp({ logger, metrics: createMetrics('test'), health });
  addRunbookRoutes(app);
  t.after(() => app.close());
  for (const path of ['NodeDown', 'NodeDown.md']) {
    const answer = await app.inject(`/docs/runbooks/${path}`);
    assert.equal(answer.statusCode, 200);
    assert.match(answer.headers['content-type']?.toString() ?? '', /^text\/markdown/);
    assert.match(answer.body, /^# NodeDown\n/);
  }
  for (const path of ['NoSuchAlert', '..%2Foperations', '%2e%2e%2f%2e%2e%2fpackage', 'NodeDown%00']) {
    const answer = await app.inject(`/docs/runbooks/${path}`);
    assert.equal(answer.statusCode, 404, path);
  }
});
