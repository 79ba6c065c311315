import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutput } from '../../../services/cli/output.ts';
import { plainText } from '../../../services/cli/plain-text.ts';

/** A name as a caller may send it: colours, a line of its own, a C1 sequence, and text that runs backwards. */
const HOSTILE = 'A\u001b[31mB\r\nC\u009b2JD\u202eE\u2066F';

function written(json: boolean) {
  const out: string[] = [];
  const err: string[] = [];
  const output = createOutput({
    out: { write: (text: string | Buffer) => out.push(String(text)) },
    err: { write: (text: string) => err.push(text) },
  });
  if (json) output.useJson();
  return { output, out, err };
}

const OBEYED = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

test('nothing that a terminal obeys gets out of stored text, in lines, tables and remarks', () => {
  const { output, out, err } = written(false);
  output.result(`call\n${plainText(HOSTILE)}: answered`, {});
  output.table(['name'], [HOSTILE], (name) => ({ name }));
  output.remark(`said ${HOSTILE}`);
  const lines = [...out, ...err].join('').split('\n');
  for (const line of lines) assert.doesNotMatch(line, OBEYED);
  assert.equal(lines[1], 'A�[31mB��C�2JD�E�F: answered');
});

test('JSON of stored text is the same value, and obeyed by no terminal', () => {
  const { output, out } = written(true);
  output.result('', { name: HOSTILE });
  output.table(['name'], [{ name: HOSTILE }], (row) => row);
  for (const line of out) {
    assert.doesNotMatch(line.trimEnd(), OBEYED);
    assert.deepEqual(JSON.parse(line), { name: HOSTILE });
  }
});
