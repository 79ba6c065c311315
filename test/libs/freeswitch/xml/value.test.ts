import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XMLParser } from 'fast-xml-parser';
import { element, renderDocument } from '../../../../libs/freeswitch/xml/element.ts';
import { xmlValue } from '../../../../libs/freeswitch/xml/value.ts';
import fc from '../../../support/properties.ts';

/** What FreeSWITCH's preprocessor acts on, and what XML does. */
const HOSTILE = [
  '$${',
  `$$$\${domain}`,
  'X-PRE-PROCESS',
  'x-pre-process cmd="exec" data="id"',
  '<!--#exec cmd="id"-->',
  '<!--#',
  '<?xml',
  '<include>',
  '</include>',
  '<',
  '>',
  '&',
  '"',
  "'",
  '&#36;',
  ']]>',
  '\r\n',
  '\n<X-PRE-PROCESS cmd="exec" data="id"/>',
  '\u0000',
  '\u0007',
  '\u0085',
  '\ufffe',
  ' ',
  '\u00a0',
  '\u2028',
  '\ufeff',
  '𝄞',
  '\ud800',
  `\${system(id)}`,
];
const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 8 })
  .map((parts) => parts.join(''));

/** The same data without what may never be in a reply. */
function cleaned(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return value.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '');
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  htmlEntities: true,
  // The spaces at the ends of an attribute are its own (XML 1.0, 3.3.3); this parser cuts them by default.
  trimValues: false,
});

test('a value comes out of an XML parser as it went in', () => {
  fc.assert(
    fc.property(hostileText, (value) => {
      const xml = renderDocument(element('section', { name: value }));
      assert.equal(parser.parse(xml).document.section.name, cleaned(value));
    }),
    { numRuns: 2_000 },
  );
});

test("no value makes a line that FreeSWITCH's preprocessor acts on", () => {
  fc.assert(
    fc.property(hostileText, hostileText, (first, second) => {
      const xml = renderDocument(element('section', { name: first }, [element('param', { value: second })]));
      assert.equal(xml.split('\n').length, 6, 'a value added or removed a line');
      assert.doesNotMatch(xml, /\$\$\{|x-pre-process|<!--|<\?|<include>|<\/include>/i);
      assert.match(xml, /^<document type="freeswitch\/xml">\n/);
    }),
    { numRuns: 2_000 },
  );
});

test('ordinary values are written as they are', () => {
  for (const value of ['1001', 'lab.test', 'Anna Nowak', '+442071838750', 'müller', '日本']) {
    assert.equal(xmlValue(value), value);
  }
});
