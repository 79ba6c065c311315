import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type RawEvent, toChannelEvent } from '../../../../libs/freeswitch/event/channel-event.ts';
import { createHeaderSieve } from '../../../../libs/freeswitch/event/header-sieve.ts';
import { sipHeader } from '../../../../libs/freeswitch/sip-header.ts';

const RECEIVED_US = 7;
const RUN = resolve(import.meta.dirname, '../../../fixtures/run-01/esl');

function recordedEvents(node: string): RawEvent[] {
  const stream = gunzipSync(readFileSync(`${RUN}/${node}.raw.gz`));
  const events: RawEvent[] = [];
  for (let at = stream.indexOf('Content-Length: '); at >= 0; at = stream.indexOf('Content-Length: ', at)) {
    const head = stream.indexOf('\n\n', at);
    const length = Number.parseInt(stream.toString('latin1', at + 16, head), 10);
    const body = stream.toString('utf8', head + 2, head + 2 + length);
    if (body.startsWith('{"Event-Name"')) events.push(JSON.parse(body) as RawEvent);
    at = head + 2 + length;
  }
  return events;
}

const minimal: RawEvent = {
  'Event-Name': 'CHANNEL_CREATE',
  'Unique-ID': 'leg-1',
  'Core-UUID': 'core-1',
  'FreeSWITCH-Switchname': 'fs01',
  'Event-Sequence': '460',
  'Event-Date-Timestamp': '1795207836991265',
};
const read = (event: RawEvent, keepVariable?: (name: string) => boolean) =>
  toChannelEvent(event, {
    receivedUs: RECEIVED_US,
    ...(keepVariable ? { sieve: createHeaderSieve(keepVariable) } : {}),
  });

describe('toChannelEvent', () => {
  test('reads every channel event of run 01, none without what orders and identifies it', () => {
    for (const node of ['fs01', 'fs02']) {
      const events = recordedEvents(node);
      const channels = events.filter(({ 'Event-Name': name }) => String(name).startsWith('CHANNEL_'));
      assert.ok(channels.length > 150, `${node}: ${channels.length}`);
      for (const event of channels) {
        const channelEvent = read(event);
        assert.ok(channelEvent);
        assert.equal(channelEvent.node, node);
        assert.equal(channelEvent.uuid, event['Unique-ID']);
        assert.equal(channelEvent.core_uuid, event['Core-UUID']);
        assert.equal(String(channelEvent.at_us), event['Event-Date-Timestamp']);
        assert.equal(String(channelEvent.sequence), event['Event-Sequence']);
        const created = event['Caller-Channel-Created-Time'];
        assert.equal(
          channelEvent.headers['Caller-Channel-Created-Time'],
          created === undefined ? undefined : created,
        );
      }
    }
  });

  test('keeps the variables of legs under their own names and leaves the rest', () => {
    const event = read({
      ...minimal,
      'variable_sip_h_x-call-correlation-id': 'abc',
      variable_sip_call_id: 'call-1',
      variable_my_var: 'lab',
      variable_switch_r_sdp: 'v=0',
      'Caller-Destination-Number': '9196',
      'Event-Calling-File': 'sofia.c',
    });
    assert.deepEqual(event?.variables, { 'sip_h_x-call-correlation-id': 'abc', sip_call_id: 'call-1' });
    assert.deepEqual(event?.headers, { 'Caller-Destination-Number': '9196' });
    assert.equal(sipHeader(event?.variables ?? {}, 'X-Call-Correlation-ID'), 'abc');
  });

  test('keeps what the configured list names', () => {
    const event = read({ ...minimal, variable_my_var: 'lab' }, (name) => name === 'my_var');
    assert.deepEqual(event?.variables, { my_var: 'lab' });
  });

  test('reads arrays in both of their forms, in order', () => {
    const asJson = read({ ...minimal, variable_originated_legs: ['a;x;1', 'b;y;2'] });
    const asText = read({ ...minimal, variable_originated_legs: 'ARRAY::a;x;1|:b;y;2' });
    assert.deepEqual(asJson?.variables, { originated_legs: ['a;x;1', 'b;y;2'] });
    assert.deepEqual(asText?.variables, asJson?.variables);
  });

  test('gives a loopback bowout, which has no Unique-ID, to the leg that resigns', () => {
    const bowout = {
      ...minimal,
      'Event-Name': 'CUSTOM',
      'Event-Subclass': 'loopback::bowout',
      'Unique-ID': undefined,
    };
    const event = read({ ...bowout, 'Resigning-UUID': 'leg-2', 'Acquired-UUID': 'leg-3' });
    assert.equal(event?.uuid, 'leg-2');
    assert.equal(event?.headers['Acquired-UUID'], 'leg-3');
  });

  test('takes nothing that is no leg event, or cannot be placed', () => {
    assert.equal(read({ ...minimal, 'Event-Name': 'HEARTBEAT' }), undefined);
    assert.equal(read({ ...minimal, 'Event-Name': 'DTMF' }), undefined);
    assert.equal(
      read({ ...minimal, 'Event-Name': 'CUSTOM', 'Event-Subclass': 'sofia::register' }),
      undefined,
    );
    for (const header of [
      'Unique-ID',
      'Core-UUID',
      'FreeSWITCH-Switchname',
      'Event-Sequence',
      'Event-Date-Timestamp',
    ]) {
      assert.equal(read({ ...minimal, [header]: undefined }), undefined, header);
      assert.equal(read({ ...minimal, [header]: '' }), undefined, header);
    }
  });

  test('bounds what a caller can send, and pollutes no prototype', () => {
    const event = read({
      ...minimal,
      'variable_sip_h_X-Long': 'x'.repeat(1e6),
      'variable_sip_h_X-__proto__': 'y',
    });
    assert.equal(event?.variables['sip_h_X-Long']?.length, 2048);
    const polluted = read({ ...minimal, variable___proto__: 'polluted' }, () => true);
    assert.ok(Object.hasOwn(polluted?.variables ?? {}, '__proto__'));
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});
