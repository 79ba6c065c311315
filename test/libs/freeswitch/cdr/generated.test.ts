import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../../../libs/freeswitch/cdr/kept-variables.ts';
import { parseCdr, readDocument } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import { parseXml } from '../../../../libs/freeswitch/cdr/xml-parser.ts';
import { scanLines } from '../../../../libs/freeswitch/cdr/xml-scanner.ts';
import { isFoldedVariable } from '../../../../libs/freeswitch/leg-variables.ts';
import type { Variables } from '../../../../libs/records/variables.ts';
import fc from '../../../support/properties.ts';
import { leaves } from './leaves.ts';
import { xmlCdr } from './xml-cdr.ts';

/** Text as FreeSWITCH gets it from phones: anything but line ends and what XML cannot hold. */
const words = fc
  .string({ unit: 'binary', maxLength: 40 })
  .map((text) => text.replace(/[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/gu, '').toWellFormed());
const names = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,30}$/)
  // fast-xml-parser refuses these, which is why it is not the only parser
  .filter((name) => !(name in Object.prototype) && !/^xml/i.test(name));
const variables = fc.array(fc.tuple(names, words.map(encodeURIComponent)), { maxLength: 30 });

/** FreeSWITCH's escaping of a caller profile: non-ASCII becomes character references. */
function escaped(text: string): string {
  return text.replace(
    /[&<>"']|[^\u0020-\u007e]/gu,
    (character) => `&#x${character.codePointAt(0)?.toString(16)};`,
  );
}

test('generated CDRs are read by the line scanner as by fast-xml-parser', () => {
  fc.assert(
    fc.property(variables, words, (list, callerName) => {
      const document = xmlCdr({ variables: list, callerName: escaped(callerName) });
      const scanned = scanLines(document);
      assert.ok(scanned, document);
      assert.deepEqual(leaves(scanned), leaves(parseXml(document)));
      assert.deepEqual(scanLines(document, { bytes: Buffer.from(document) }), scanned);
    }),
    { numRuns: 500 },
  );
});

test('a record has the generated name and every kept variable, decoded once', () => {
  const keepVariable = keptVariables(DEFAULT_KEPT_VARIABLES);
  fc.assert(
    fc.property(variables, words, (list, callerName) => {
      const parsed = parseCdr(Buffer.from(xmlCdr({ variables: list, callerName: escaped(callerName) })), {
        receivedUs: 1,
        keepVariable,
      });
      assert.ok('ok' in parsed);
      assert.equal(parsed.ok.cdr.caller_id_name ?? '', callerName);
      for (const name of new Set(list.map(([name]) => name).filter(keepVariable))) {
        const values = list.filter(([other]) => other === name).map(([, value]) => decodeURIComponent(value));
        if (values.some((value) => value.startsWith('ARRAY::'))) continue;
        assert.deepEqual([parsed.ok.variables[name]].flat(), values, name);
      }
    }),
    { numRuns: 500 },
  );
});

test('a record has those variables of its whole document that row and leg keep, in their order', () => {
  const keepVariable = keptVariables(DEFAULT_KEPT_VARIABLES);
  const odd = fc.constantFrom('7', '12', '__proto__', 'constructor', 'set x', 'sip_h_X-A', 'caller_id_name');
  const list = fc.array(fc.tuple(fc.oneof(names, odd), words.map(encodeURIComponent)), { maxLength: 40 });
  fc.assert(
    fc.property(list, (variables) => {
      const bytes = Buffer.from(xmlCdr({ variables }));
      const parsed = parseCdr(bytes, { receivedUs: 1, keepVariable });
      assert.ok('ok' in parsed);
      const whole = readDocument('xml', bytes).variables;
      assert.equal(JSON.stringify(parsed.ok.variables), jsonOf(whole, keepVariable));
      assert.equal(JSON.stringify(parsed.ok.leg_variables), jsonOf(whole, isFoldedVariable));
    }),
    { numRuns: 300 },
  );
});

function jsonOf(variables: Variables, isKept: (name: string) => boolean): string {
  return JSON.stringify(Object.fromEntries(Object.entries(variables).filter(([name]) => isKept(name))));
}
