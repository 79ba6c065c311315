import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  isReadHeader,
  type RawEvent,
  toChannelEvent,
} from '../../../../libs/freeswitch/event/channel-event.ts';
import { createHeaderSieve } from '../../../../libs/freeswitch/event/header-sieve.ts';
import { createEventReader, readWholeEvent } from '../../../../libs/freeswitch/event/read-event.ts';
import fc from '../../../support/properties.ts';
import { loadRecording } from '../../../support/simulator/recording.ts';

const CHANNEL = { 'Event-Name': 'CHANNEL_ANSWER' };
const all = createEventReader(() => true);
const read = (text: string) => all(Buffer.from(text));

/** As data: without regard to the prototype. */
const plain = (event: RawEvent) => Object.entries(event);

describe('createEventReader', () => {
  test('gives the same channel events of run 01 as the whole JSON does, and fewer headers', () => {
    const sieve = createHeaderSieve((name) => name.startsWith('sip_'));
    const reader = createEventReader((header) => isReadHeader(header, sieve));
    const bodies = loadRecording('run-01').items.flatMap((item) =>
      item.kind === 'event' ? [Buffer.from(item.json, 'latin1')] : [],
    );
    let headers = 0;
    let read = 0;
    for (const body of bodies) {
      const [event, whole] = [reader(body), readWholeEvent(body)];
      const options = { receivedUs: 7, sieve };
      assert.deepEqual(toChannelEvent(event, options), toChannelEvent(whole, options));
      headers += Object.keys(whole).length;
      read += Object.keys(event).length;
    }
    assert.ok(bodies.length > 1_000 && read < headers * 0.7, `${read} of ${headers}`);
  });

  test('reads any texts and lists under any names as JSON.parse does, in any order of events', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', 'a', 'b', 'variable_"x\\'),
    );
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\\', '\\"', '"', '","b":"', ']'));
    const value = fc.oneof(text, fc.array(text), fc.integer(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(name, value)), { maxLength: 4 }), (events) => {
        for (const headers of events) {
          const json = JSON.stringify({ ...CHANNEL, ...Object.fromEntries(headers) });
          assert.deepEqual(plain(read(json)), plain(JSON.parse(json)), json);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('takes what another writer of JSON would write', () => {
    const texts = [
      '{"Event-Name":"CHANNEL_ANSWER", "a": "b"}',
      '{"Event-Name":"CHANNEL_ANSWER","a":{"b":"c"},"d":[["e"]]}',
      '{"Event-Name":"CHANNEL_ANSWER"}\n',
      '{"Event-Name":"HEARTBEAT","a":"b"}',
      '{"Event-Name":"CHANNEL_ANSWER","a":"1","a":"2"}',
      '{"Event-Name":"CHANNEL_ANSWER","\\u0061":"\\u00e9é"}',
    ];
    for (const text of texts) assert.deepEqual(plain(read(text)), plain(JSON.parse(text)), text);
  });

  test('refuses what is no JSON', () => {
    const whole = '{"Event-Name":"CHANNEL_ANSWER","a":["b","c"],"d":"e"}';
    for (let length = 0; length < whole.length; length += 1)
      assert.throws(() => read(whole.slice(0, length)), SyntaxError, whole.slice(0, length));
    assert.throws(() => read('{"Event-Name":"CHANNEL_ANSWER","a":"\\x"}'), SyntaxError);
  });

  test('leaves out what it is not asked for', () => {
    const reader = createEventReader((header) => header === 'a');
    assert.deepEqual(plain(reader(Buffer.from('{"Event-Name":"CHANNEL_ANSWER","b":"1","a":"2"}'))), [
      ['a', '2'],
    ]);
  });
});
