import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { XMLParser, XMLValidator } from 'fast-xml-parser';

const FOLDER = join(import.meta.dirname, '../../integrations/freeswitch');
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
});

interface Param {
  name: string;
  value: string;
}

function read(file: string): { text: string; params: Param[] } {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  assert.equal(XMLValidator.validate(text), true, file);
  // XML forbids -- inside a comment, and FreeSWITCH's reader ends the comment somewhere else
  for (const [comment] of text.matchAll(/<!--[\s\S]*?-->/g)) assert.doesNotMatch(comment.slice(4, -3), /--/);
  return { text, params: parser.parse(text).configuration.settings.param as Param[] };
}

for (const [file, path] of [
  ['xml_cdr.conf.xml', '/cdr'],
  ['json_cdr.conf.xml', '/json-cdr'],
] as const) {
  test(`${file} bounds every wait, keeps what fails, and names two URLs`, () => {
    const { params } = read(file);
    const settingOf = (name: string) => params.find((param) => param.name === name)?.value;
    const urls = params.filter(({ name }) => name === 'url').map(({ value }) => new URL(value).pathname);
    assert.deepEqual(urls, [path, path]);
    assert.ok(Number(settingOf('timeout')) > 0);
    assert.ok(Number(settingOf('retries')) > 0 && Number(settingOf('delay')) > 0);
    assert.match(settingOf('err-log-dir') ?? '', /^\//);
    assert.equal(settingOf('log-b-leg'), 'true');
  });

  test(`${file} explains each line`, () => {
    const lines = read(file)
      .text.split('\n')
      .map((line) => line.trim());
    for (const [at, line] of lines.entries()) {
      if (line.startsWith('<param')) assert.match(lines[at - 1] ?? '', /^<!--.*-->$/, line);
    }
  });
}

test('both say how to stop a server without losing CDRs', () => {
  for (const file of ['xml_cdr.conf.xml', 'json_cdr.conf.xml'])
    assert.match(read(file).text, /fsctl shutdown elegant/);
});
