import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCdr, readDocument } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import { toOutgoing } from '../../../../libs/freeswitch/cdr/posted-cdr.ts';
import { createReparse } from '../../../../libs/freeswitch/cdr/reparse.ts';
import { xmlCdr } from './xml-cdr.ts';

const HINTS = { receivedUs: 1, keepVariable: () => true };
const VARIABLES = '"start_uepoch":"1795207837117054","uuid":"leg-1","billsec":"60"';
const parse = (body: string | Buffer, uuid?: string) =>
  parseCdr(Buffer.from(body as string), { ...HINTS, uuid });

function reasonOf(body: string | Buffer): string | undefined {
  const parsed = parse(body);
  return 'reject' in parsed ? parsed.reject.reason : undefined;
}

function accepted(body: string | Buffer, uuid?: string) {
  const parsed = parse(body, uuid);
  assert.ok('ok' in parsed, JSON.stringify(parsed));
  return parsed.ok;
}

describe('a JSON CDR with hostile content', () => {
  for (const depth of [100, 5_000, 100_000]) {
    test(`is read though its statistics are nested ${depth} deep`, () => {
      const deep = `{"variables":{${VARIABLES}},"callStats":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
      assert.equal(accepted(deep).cdr.billsec, 60);
      assert.equal(readDocument('json', Buffer.from(deep)).variables['uuid'], 'leg-1');
    });
  }

  test('with a section twice, of which JSON.parse takes the last, is ambiguous', () => {
    const body = `{"variables":{${VARIABLES}},"variables":{${VARIABLES.replace('60', '0')}}}`;
    assert.equal(reasonOf(body), 'cdr-ambiguous');
    assert.equal(reasonOf(`{"variables":{${VARIABLES}},"callflow":[{}],"callflow":[{}]}`), 'cdr-ambiguous');
    const text = JSON.stringify({
      variables: { uuid: 'a', start_epoch: '1', x: '"variables":{', y: '"variables":{' },
    });
    assert.equal(accepted(text).variables['x'], '"variables":{');
  });

  test('percent-encoded as a whole has no section of a caller, who may have ended a value by a quote', () => {
    const smuggled = `{"variables":{${VARIABLES},"sip_h_X-A":"a"},"q":{"b":"c","hangup_cause":"NORMAL_CLEARING"}}`;
    assert.equal(reasonOf(`cdr=${encodeURIComponent(smuggled)}`), 'cdr-ambiguous');
    assert.equal(reasonOf(smuggled), undefined);
  });

  test('percent-encoded as a whole has no name twice, which a caller may have written', () => {
    const named = (variables: string, more = '') =>
      reasonOf(`cdr=${encodeURIComponent(`{"variables":{${VARIABLES},${variables}}${more}}`)}`);
    assert.equal(named('"sip_h_X-A":"a"'), undefined);
    assert.equal(named('"domain_name":"mine","sip_h_X-A":"x","domain_name":"other"'), 'cdr-ambiguous');
    assert.equal(
      named('"domain_name":"mine","sip_h_X-A":"x\n","domain_name":"other"', ',"callflow":[]'),
      'cdr-ambiguous',
    );
    assert.equal(named('"sip_h_X-A":"a"', ',"app_log":{"a":"b"},"app_log":{}'), 'cdr-ambiguous');
    assert.equal(named('"sip_h_X-A":"a"', ',"callflow" :[{}],"callflow":[{}]'), 'cdr-ambiguous');
    assert.equal(named('"sip_h_X-A":"a"', ',"imported_row":{}'), 'cdr-ambiguous');
  });

  test('never takes the place of imported history when it is posted, replayed or spooled', () => {
    const body = Buffer.from(`{"variables":{${VARIABLES}},"imported_row":{}}`);
    const post = { body, url: '/cdr', contentType: undefined, sourceIp: '', node: undefined, receivedUs: 1 };
    assert.equal(toOutgoing(post, () => true).reason, 'cdr-ambiguous');
    const reparse = createReparse({ CDR_VARIABLES: undefined });
    const [spooled, history] = [
      reparse({ body, receivedUs: 1 }),
      reparse({ body, receivedUs: 1, isHistory: true }),
    ];
    assert.equal('reject' in spooled && spooled.reject.reason, 'cdr-ambiguous');
    assert.equal('ok' in history && history.ok.imported, true);
  });

  test('keeps of callflows without end the newest ones and the oldest', () => {
    const callflow = Array.from({ length: 1_000 }, (_, number) => ({
      caller_profile: { context: `c${number}` },
    }));
    const { callflows } = accepted(JSON.stringify({ variables: { uuid: 'a', start_epoch: '1' }, callflow }));
    assert.deepEqual(
      [callflows.length, callflows[0]?.context, callflows.at(-1)?.context],
      [256, 'c0', 'c999'],
    );
  });

  test('has figures in decimal digits only', () => {
    for (const text of ['0x10', '1e3', ' 7', '']) {
      const body = JSON.stringify({
        variables: { uuid: 'a', start_epoch: '1', duration: '9', billsec: text },
      });
      assert.equal(accepted(body).cdr.billsec, 0, text);
    }
  });
});

describe('NUL, which PostgreSQL cannot hold', () => {
  test('makes no uuid: the next one in line is taken', () => {
    const body = JSON.stringify({
      variables: { start_epoch: '1', uuid: '\0' },
      callflow: [{ caller_profile: { uuid: '\0' } }],
    });
    assert.equal(accepted(body, 'of-the-url').cdr.uuid, 'of-the-url');
    assert.equal(reasonOf(body), 'cdr-no-uuid');
  });

  test("is in no variable's name, and no name is longer than 256 characters", () => {
    const body = JSON.stringify({
      variables: { uuid: 'a', start_epoch: '1', 'a\0b': '1', ['n'.repeat(1e5)]: '2' },
    });
    const { variables } = accepted(body);
    assert.equal(variables['ab'], '1');
    assert.equal(variables['n'.repeat(256)], '2');
  });
});

describe('base64', () => {
  const one = Buffer.from(xmlCdr({ uuid: 'one' }));
  const two = Buffer.from(xmlCdr({ uuid: 'two' }));

  test('of two CDRs, or with characters that are none, is kept whole as a reject', () => {
    const padded = Buffer.concat([one, Buffer.from('  '.slice((one.length + 1) % 3))]);
    const first = padded.toString('base64');
    assert.match(first, /=$/);
    assert.equal(reasonOf(`${first}\n${two.toString('base64')}`), 'cdr-unrecognised');
    assert.equal(reasonOf(`${first.slice(0, 400)}!!*\u00e9${first.slice(400)}`), 'cdr-unrecognised');
    assert.equal(accepted(first.replaceAll(/.{76}/g, '$&\r\n')).cdr.uuid, 'one');
  });

  test('is taken with the alphabet of URLs, too', () => {
    const xml = Buffer.from(xmlCdr({ callerName: '\u00ff\u00fe?>~\u00bf\u00ff'.repeat(20) }));
    const body = xml.toString('base64url');
    assert.match(body, /_/);
    assert.equal(accepted(body).cdr.uuid, 'leg-1');
    assert.equal(accepted(`  ${xml.toString('base64')}`.replace(/=+$/, '')).cdr.uuid, 'leg-1');
  });
});
