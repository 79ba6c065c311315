import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readDocument } from '../../checks/console/api-document.ts';
import { writeContract } from '../../checks/console/contract.ts';

const CONTRACT = new URL('../../console/api/contract.ts', import.meta.url);

test('the types of what the console reads are those of the document', async () => {
  const written = readFileSync(CONTRACT, 'utf8');
  const made = writeContract(await readDocument());
  assert.equal(written, made, 'npx node checks/console/write-contract.ts writes it anew');
});
