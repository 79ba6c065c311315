import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeBody } from '../../../../libs/freeswitch/cdr/cdr-body.ts';
import { type ParsedCdr, parseCdr } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import { MAX_LIST_LENGTH } from '../../../../libs/freeswitch/kept-value.ts';
import { documentOf } from '../../../../libs/store/document.ts';
import fc from '../../../support/properties.ts';
import { recordedPosts } from '../../../support/recorded-cdrs.ts';
import { xmlCdr } from './xml-cdr.ts';

const HINTS = { receivedUs: 1, keepVariable: () => true };
const parse = (text: string | Buffer): ParsedCdr => parseCdr(Buffer.from(text as string), HINTS);

function accepted(text: string | Buffer) {
  const parsed = parse(text);
  assert.ok('ok' in parsed, JSON.stringify(parsed));
  return parsed.ok;
}

function reasonOf(text: string | Buffer): string {
  const parsed = parse(text);
  assert.ok('reject' in parsed, 'it was accepted');
  return parsed.reject.reason;
}

describe('a CDR with hostile content', () => {
  for (const name of [
    '123',
    'set x',
    '^^,x',
    'nolocal:x',
    '__proto__',
    'constructor',
    'toString',
    'a<b',
    'é',
  ]) {
    test(`survives a variable named ${name}`, () => {
      const record = accepted(xmlCdr({ variables: [[name, 'a%20value']] }));
      assert.equal(record.variables[name], 'a value');
      assert.equal(Object.getPrototypeOf(record.variables), Object.prototype);
      assert.equal(record.cdr.billsec, 3);
    });
  }

  for (const [what, name] of [
    ['an unescaped <!', 'Smith <! & Sons'],
    ['a forged end and another uuid', '<!x</caller_id_name><uuid>forged</uuid><caller_id_name>'],
    [
      'a forged variables section',
      '<!</caller_id_name></caller_profile></callflow><variables><billsec>0</billsec>',
    ],
    ['a comment', '<!-- hidden -->'],
    ['a CDATA section', '<![CDATA[x]]>'],
    ['a document type', '<!DOCTYPE cdr [<!ENTITY x "y">]>'],
  ] as const) {
    test(`keeps the caller's name with ${what} as text, and every figure`, () => {
      const record = accepted(xmlCdr({ callerName: name }));
      assert.equal(record.cdr.caller_id_name, name);
      assert.deepEqual(
        { uuid: record.cdr.uuid, billsec: record.cdr.billsec, callflows: record.callflows.length },
        { uuid: 'leg-1', billsec: 3, callflows: 1 },
      );
    });
  }

  test('reads a variable that is repeated 200,000 times: in minutes, if each copied those before it', {
    timeout: 60_000,
  }, () => {
    const record = accepted(xmlCdr({ variables: Array(200_000).fill(['again', 'x']) }));
    assert.equal(record.variables['again']?.length, MAX_LIST_LENGTH);
  });

  test('decodes the five entities and character references, and no other', () => {
    const record = accepted(xmlCdr({ callerName: '&lt;&amp;&quot;&#xe9;&#39;&bomb;&gt;' }));
    assert.equal(record.cdr.caller_id_name, '<&"é\'&bomb;>');
  });

  test('is refused as ambiguous when an element that occurs once occurs twice', () => {
    const forged = xmlCdr({}).replace(
      '</variables>',
      '</variables>\n<variables>\n<billsec>0</billsec>\n</variables>',
    );
    assert.equal(reasonOf(forged), 'cdr-ambiguous');
    const twoUuids = xmlCdr({}).replace('<uuid>leg-1</uuid>', '<uuid>leg-1</uuid>\n<uuid>leg-2</uuid>');
    assert.equal(reasonOf(twoUuids), 'cdr-ambiguous');
  });

  test('never expands entities, whichever parser reads it', () => {
    const bomb = `<!DOCTYPE cdr [<!ENTITY a "aaaa">]>${xmlCdr({ callerName: '&a;' }).replaceAll('\n', '')}`;
    assert.equal(reasonOf(bomb), 'cdr-malformed');
  });

  test('is read without its layout, too', () => {
    const record = accepted(xmlCdr({ callerName: 'A &amp; B' }).replaceAll(/>\s+</g, '><'));
    assert.equal(record.cdr.caller_id_name, 'A & B');
    assert.equal(record.cdr.billsec, 3);
  });

  test('may be large in the layout of FreeSWITCH only, which is read in little time', () => {
    const large = xmlCdr({ variables: [['large', 'x'.repeat(2 * 1024 * 1024)]] });
    assert.equal(accepted(large).cdr.billsec, 3);
    assert.equal(reasonOf(large.replaceAll(/>\s+</g, '><')), 'cdr-malformed');
  });

  test('keeps a Latin-1 name and drops NUL, which PostgreSQL cannot hold', () => {
    const record = accepted(xmlCdr({ variables: [['sip_h_X-Name', 'M%FCller%00']] }));
    assert.equal(record.variables['sip_h_X-Name'], 'Müller');
  });

  test('keeps a name whose bytes are Latin-1, beside others that are UTF-8, in every encoding', () => {
    const xml = Buffer.from(xmlCdr({ callerName: 'M#ller', variables: [['sip_h_X-City', 'Z\u00fcrich']] }));
    const raw = Buffer.from(xml.toString('latin1').replace('M#ller', 'M\u00fcller'), 'latin1');
    const form = Buffer.from(
      `cdr=${[...raw].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`,
    );
    for (const body of [raw, form, Buffer.from(`cdr=${raw.toString('base64')}`)]) {
      const record = accepted(body);
      assert.equal(record.cdr.caller_id_name, 'Müller');
      assert.equal(record.variables['sip_h_X-City'], 'Zürich');
      assert.ok(documentOf(record).equals(raw), 'and the document is kept byte for byte');
    }
  });

  test('keeps them in JSON, too, which is one line', () => {
    const json = JSON.stringify({
      switchname: 'fs01',
      variables: { start_uepoch: '1795207837117054', 'sip_h_X-City': 'Z\u00fcrich: 1' },
      callflow: [{ caller_profile: { uuid: 'leg-1', caller_id_name: 'M#ller' } }],
    });
    const raw = Buffer.from(json).toString('latin1').replace('M#ller', 'M\u00fcller');
    const record = accepted(Buffer.from(raw, 'latin1'));
    assert.equal(record.cdr.caller_id_name, 'M\u00fcller');
    assert.equal(record.variables['sip_h_X-City'], 'Z\u00fcrich: 1');
  });

  test('is cut where a caller made it long', () => {
    const record = accepted(
      xmlCdr({ callerName: 'x'.repeat(100_000), variables: [['sip_h_X-Y', 'y'.repeat(1e6)]] }),
    );
    assert.equal(record.cdr.caller_id_name?.length, 512);
    assert.equal(record.leg_variables['sip_h_X-Y']?.length, 2048);
  });
});

describe('what a document lacks', () => {
  test('the start comes from the callflow, then from seconds; never from our clock', () => {
    const without = (...names: string[]) =>
      names.reduce((text, name) => text.replace(new RegExp(`<${name}>.*</${name}>\n`), ''), xmlCdr({}));
    assert.equal(accepted(without('start_uepoch')).cdr.start_us, 1_795_207_837_117_054);
    assert.equal(accepted(without('start_uepoch', 'created_time')).cdr.start_us, 1_795_207_837_000_000);
    assert.equal(reasonOf(without('start_uepoch', 'created_time', 'start_epoch')), 'cdr-no-start');
  });

  test('the uuid comes from the URL when the document has no callflow, and from variables last', () => {
    const bare = xmlCdr({}).replace(/<callflow[\s\S]*<\/callflow>\n/, '');
    const hinted = parseCdr(Buffer.from(bare), { ...HINTS, uuid: 'from-url' });
    assert.ok('ok' in hinted && hinted.ok.cdr.uuid === 'from-url');
    assert.equal(accepted(bare).cdr.uuid, 'leg-of-variables');
    assert.equal(accepted(xmlCdr({})).cdr.uuid, 'leg-1');
  });

  test('without a received packet there is no MOS', () => {
    const heard = (packets: string) =>
      accepted(
        xmlCdr({
          variables: [
            ['rtp_audio_in_mos', '4.50'],
            ['rtp_audio_in_packet_count', packets],
          ],
        }),
      ).cdr.mos;
    assert.equal(heard('0'), null);
    assert.equal(heard('12'), 4.5);
  });
});

describe('a body that is no whole CDR is refused with its reason', () => {
  const recorded = recordedPosts();

  for (const [body, reason] of [
    ['', 'cdr-empty'],
    ['cdr=', 'cdr-empty'],
    ['hello world', 'cdr-unrecognised'],
    ['\u0000\u0001', 'cdr-unrecognised'],
    ['<html></html>', 'cdr-truncated'],
    ['<a></cdr>', 'cdr-malformed'],
    ['[]', 'cdr-unrecognised'],
    ['{}', 'cdr-malformed'],
    ['{"variables":{}}', 'cdr-no-uuid'],
  ] as const) {
    test(`${JSON.stringify(body)} is ${reason}`, () => assert.equal(reasonOf(body), reason));
  }

  test('every recorded document, cut anywhere, is never a shorter CDR', () => {
    fc.assert(
      fc.property(fc.nat(recorded.length - 1), fc.double({ min: 0, max: 1, noNaN: true }), (index, share) => {
        const body = recorded[index]?.body ?? assert.fail();
        const whole = decodeBody(body).document.toString('latin1').trimEnd();
        const cut = body.subarray(0, Math.floor(share * body.length));
        const parsed = parse(cut);
        if ('reject' in parsed) return;
        // Only what the document ends with after its last bracket may be missing.
        assert.equal(documentOf(parsed.ok).toString('latin1').trimEnd(), whole);
      }),
      { numRuns: 500 },
    );
  });
});
