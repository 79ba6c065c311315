import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBody } from '../../../../libs/freeswitch/cdr/cdr-body.ts';
import { parseCdr } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import type { XmlElement } from '../../../../libs/freeswitch/cdr/xml-element.ts';
import { parseXml } from '../../../../libs/freeswitch/cdr/xml-parser.ts';
import { recordedPosts } from '../../../support/recorded-cdrs.ts';

/** What PHP's json_encode(simplexml_load_string(…)) makes of an element. */
function simpleXml({ attributes, children, text }: XmlElement): unknown {
  const names = Map.groupBy(children, ({ name }) => name);
  const entries = [...names].map(([name, all]) => {
    const [first, ...others] = all.map(simpleXml);
    return [name, others.length === 0 ? first : [first, ...others]] as const;
  });
  const own = attributes.length === 0 ? [] : [['@attributes', Object.fromEntries(attributes)] as const];
  if (own.length + entries.length > 0) return Object.fromEntries([...own, ...entries]);
  return text === '' ? {} : text;
}

test("a document that FusionPBX keeps in column json says all that FreeSWITCH's XML said", () => {
  const posts = recordedPosts().filter(({ url }) => url.startsWith('/cdr'));
  let compared = 0;
  for (const { name, body } of posts) {
    const hints = { receivedUs: 1, keepVariable: () => true };
    const whole = parseCdr(body, hints);
    if (!('ok' in whole)) continue;
    const json = JSON.stringify(simpleXml(parseXml(String(decodeBody(body).document))));
    const kept = parseCdr(Buffer.from(json), hints);
    assert.ok('ok' in kept, name);
    for (const part of ['node', 'cdr', 'callflows', 'variables'] as const)
      assert.deepEqual(kept.ok[part], whole.ok[part], `${part} of ${name}`);
    compared += 1;
  }
  assert.ok(compared > 100, `${compared}`);
});
