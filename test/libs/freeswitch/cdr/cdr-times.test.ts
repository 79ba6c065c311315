import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBody } from '../../../../libs/freeswitch/cdr/cdr-body.ts';
import { parseCdr } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import type { Cdr } from '../../../../libs/records/cdr-record.ts';
import { recordedPosts } from '../../../support/recorded-cdrs.ts';

function parsed(text: string): Cdr {
  const result = parseCdr(Buffer.from(text), { receivedUs: 1, keepVariable: () => false });
  assert.ok('ok' in result);
  return result.ok.cdr;
}

function without(text: string, name: string): string {
  const cut = text
    .replace(new RegExp(`(<variables>[\\s\\S]*?)\\s*<${name}>[^<]*</${name}>`), '$1')
    .replace(new RegExp(`"${name}":\\s*"[^"]*",`), '');
  assert.notEqual(cut, text, name);
  return cut;
}

test('where a document has no duration and no billsec, its times give what FreeSWITCH wrote in every recorded CDR', () => {
  const texts = recordedPosts().map(({ body }) => Buffer.from(decodeBody(body).document).toString());
  for (const text of texts) {
    const { uuid, duration, billsec } = parsed(text);
    const bare = parsed(without(without(text, 'duration'), 'billsec'));
    assert.deepEqual({ uuid, duration: bare.duration, billsec: bare.billsec }, { uuid, duration, billsec });
  }
  assert.ok(texts.length > 100);
});
