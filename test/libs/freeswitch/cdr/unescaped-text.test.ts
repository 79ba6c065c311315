import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCdr } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import { parseXml } from '../../../../libs/freeswitch/cdr/xml-parser.ts';
import { scanLines } from '../../../../libs/freeswitch/cdr/xml-scanner.ts';
import { leaves } from './leaves.ts';
import { xmlCdr } from './xml-cdr.ts';

const parse = (text: string) => parseCdr(Buffer.from(text), { receivedUs: 1, keepVariable: () => true });

function reasonOf(text: string): string | undefined {
  const parsed = parse(text);
  return 'reject' in parsed ? parsed.reject.reason : undefined;
}

const PROFILE = ['caller_id_name', 'caller_id_number', 'destination_number', 'uuid'];

describe('a text with <! and a newline, as a URI may hold (sip:1%3C!%0A2@example.com)', () => {
  for (const name of PROFILE) {
    test(`in ${name} goes to rejects whole, in place of a CDR without its neighbours`, () => {
      const document = xmlCdr({});
      const value = new RegExp(`<${name}>(.*)</${name}>(?![\\s\\S]*<${name}>)`);
      for (const tail of ['<!\n', '<!>\n', '<!\nx', '<!--\n-->'])
        assert.equal(
          reasonOf(document.replace(value, `<${name}>$1${tail}</${name}>`)),
          'cdr-malformed',
          tail,
        );
    });
  }

  test('cannot write lines of its own, in no place', () => {
    const forged = '<!</caller_id_name>\n<context>forged</context>\n<caller_id_name>y';
    assert.equal(reasonOf(xmlCdr({ callerName: forged })), 'cdr-ambiguous');
    const callflow =
      '<!</caller_id_name>\n</caller_profile>\n<times>\n<created_time>1</created_time>\n</times>\n</callflow>\n' +
      '<callflow dialplan="XML" unique-id="x" profile_index="0">\n<caller_profile>\n<caller_id_name>y';
    assert.equal(reasonOf(xmlCdr({ callerName: callflow })), 'cdr-ambiguous');
    const application =
      '<application app_name="set" app_data="a<!"></application>\n<application app_name="x" app_data="y"></application>';
    const document = xmlCdr({}).replace('  <callflow', `<app_log>\n${application}\n</app_log>\n  <callflow`);
    assert.equal(reasonOf(document), 'cdr-ambiguous');
  });

  test('is taken where it can be nothing else', () => {
    const parsed = parse(xmlCdr({ callerName: 'Smith <! & <Sons>' }));
    assert.equal('ok' in parsed && parsed.ok.cdr.caller_id_name, 'Smith <! & <Sons>');
    const lines = parse(xmlCdr({ callerName: 'Smith\n&amp; Sons' }));
    assert.equal('ok' in lines && lines.ok.cdr.caller_id_name, 'Smith\n& Sons');
  });
});

test('no field of a profile or of its times is there twice', () => {
  for (const [field, value] of [
    ['chan_name', 'sofia/x/1'],
    ['context', 'public'],
    ['created_time', '1'],
    ['state', 'CS_REPORTING'],
  ]) {
    const twice = `<${field}>${value}</${field}>\n`.repeat(2);
    const [inside] = /<(times|caller_profile|channel_data)>/.exec(xmlCdr({})) ?? [];
    assert.ok(inside);
    const place =
      field === 'created_time' ? '<times>' : field === 'state' ? '<channel_data>' : '<caller_profile>';
    assert.equal(reasonOf(xmlCdr({}).replace(`${place}\n`, `${place}\n${twice}`)), 'cdr-ambiguous', field);
  }
});

describe('several elements on a line are read as what they are', () => {
  const whole = xmlCdr({
    variables: [
      ['sip_h_X-A', '1'],
      ['sip_h_X-A', '2'],
    ],
  });
  const joined = (from: RegExp) => whole.replace(from, (part) => part.replaceAll(/>\s+</g, '><'));

  for (const [what, document] of [
    ['all variables', joined(/<variables>[\s\S]*<\/variables>/)],
    ['a caller profile', joined(/<caller_profile>[\s\S]*<\/caller_profile>/)],
    ['the times', joined(/<times>[\s\S]*<\/times>/)],
    ['two of one name', joined(/<sip_h_X-A>[\s\S]*<\/sip_h_X-A>/)],
    ['an element behind the declaration', whole.replace('?>\n', '?>')],
    ['a text of several lines', whole.replace('Alice', 'Al\nice')],
  ] as const) {
    test(what, () => {
      const expected = leaves(parseXml(document));
      const bytes = Buffer.from(document);
      // Twice: from the second document on, tags are expected.
      for (const options of [{}, { bytes }, { bytes }])
        assert.deepEqual(leaves(scanLines(document, options) ?? parseXml(document)), expected);
      const [parsed, usual] = [parse(document), parse(whole)];
      assert.ok('ok' in parsed && 'ok' in usual);
      const name = what === 'a text of several lines' ? 'Al\nice' : 'Alice';
      assert.deepEqual({ ...parsed.ok.cdr }, { ...usual.ok.cdr, caller_id_name: name });
      assert.deepEqual(parsed.ok.variables, usual.ok.variables);
    });
  }

  test('a text of several lines, whatever was read before it', () => {
    const lines = (name: string) =>
      xmlCdr({
        variables: [
          [name, 'a\r\nb'],
          ['sip_h_X-Z', 'x'.repeat(2 * 1024 * 1024)],
        ],
      });
    const name = 'sip_h_X-never-seen-before';
    const read = () => {
      const parsed = parse(lines(name));
      return 'ok' in parsed ? parsed.ok.variables[name] : parsed.reject.reason;
    };
    const first = read();
    parse(
      xmlCdr({
        variables: [
          [name, 'c'],
          ['sip_h_X-Z', 'd'],
        ],
      }),
    );
    assert.deepEqual([first, read()], ['a\r\nb', 'a\r\nb']);
  });

  test('a document that is no XML is a reject', () => {
    assert.equal(reasonOf(whole.replace('?>\n', '?><junk>\n')), 'cdr-malformed');
  });
});
