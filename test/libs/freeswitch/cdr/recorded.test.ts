import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeBody } from '../../../../libs/freeswitch/cdr/cdr-body.ts';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../../../libs/freeswitch/cdr/kept-variables.ts';
import { parseCdr, readDocument } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import { parseXml } from '../../../../libs/freeswitch/cdr/xml-parser.ts';
import { scanLines } from '../../../../libs/freeswitch/cdr/xml-scanner.ts';
import type { CdrRecord } from '../../../../libs/records/cdr-record.ts';
import type { Variables } from '../../../../libs/records/variables.ts';
import { documentOf } from '../../../../libs/store/document.ts';
import { type RecordedCdr, recordedPosts, spoolFiles, uuidOf } from '../../../support/recorded-cdrs.ts';
import { decodePlainly, type PlainCdr } from './independent-decode.ts';
import { leaves } from './leaves.ts';

const RECEIVED_US = 1_795_207_837_000_000;
const everything = [...recordedPosts(), ...spoolFiles()];

function parse({ body, name }: RecordedCdr): CdrRecord {
  const parsed = parseCdr(body, { receivedUs: RECEIVED_US, keepVariable: () => true });
  assert.ok('ok' in parsed, `${name}: ${JSON.stringify(parsed)}`);
  return parsed.ok;
}

/** What the typed fields must be, from the independently decoded document. */
function expectedFields(plain: PlainCdr) {
  const text = (name: string) => plain.variables.get(name)?.[0] || null;
  const whole = (name: string) => (text(name) === null ? null : Number(text(name)));
  const time = (name: string) => whole(name) || null;
  const recorded = plain.applications.find(({ name }) => name === 'record_session' || name === 'record');
  return {
    uuid: plain.callflowUuids[0],
    switch_name: plain.switchname,
    core_uuid: plain.core,
    call_uuid: text('call_uuid'),
    sip_call_id: text('sip_call_id'),
    direction: text('direction'),
    caller_id_name: plain.profile.get('caller_id_name') || null,
    caller_id_number: plain.profile.get('caller_id_number') || null,
    destination_number: plain.profile.get('destination_number') || null,
    context: plain.profile.get('context') || null,
    domain: text('domain_name') ?? text('dialed_domain'),
    accountcode: text('accountcode'),
    start_us: time('start_uepoch'),
    progress_us: time('progress_uepoch'),
    progress_media_us: time('progress_media_uepoch'),
    answer_us: time('answer_uepoch'),
    end_us: time('end_uepoch'),
    duration: whole('duration'),
    billsec: whole('billsec'),
    hangup_cause: text('hangup_cause'),
    hangup_cause_q850: whole('hangup_cause_q850'),
    sip_hangup_disposition: text('sip_hangup_disposition'),
    sip_term_status: whole('sip_term_status'),
    recording_path: recorded?.data ?? null,
    read_codec: text('read_codec'),
    write_codec: text('write_codec'),
    remote_media_ip: text('remote_media_ip'),
    mos: whole('rtp_audio_in_packet_count') ? whole('rtp_audio_in_mos') : null,
    rtp_audio_in_packet_count: whole('rtp_audio_in_packet_count'),
    rtp_audio_out_packet_count: whole('rtp_audio_out_packet_count'),
  };
}

describe('every CDR that FreeSWITCH posted or spooled in runs 01 to 04', () => {
  test('a JSON CDR is the same in a file of mod_json_cdr, which ends with a newline', () => {
    for (const post of recordedPosts().filter(({ url }) => url.startsWith('/json-cdr'))) {
      const file = Buffer.concat([post.body, Buffer.from('\n')]);
      assert.equal(parse({ ...post, body: file }).body_sha256, parse(post).body_sha256, post.name);
    }
  });

  test('there are as many as were recorded', () => {
    const posts = recordedPosts();
    const json = posts.filter(({ url }) => url.startsWith('/json-cdr')).length;
    assert.deepEqual(
      { posts: posts.length, json, spooled: spoolFiles().length },
      { posts: 268, json: 99, spooled: 12 },
    );
  });

  test('is read, field by field as an independent decoder reads it', () => {
    for (const recorded of everything) {
      assert.deepEqual(parse(recorded).cdr, expectedFields(decodePlainly(recorded.body)), recorded.name);
    }
  });

  test('gives the uuid that its URL names', () => {
    for (const recorded of everything)
      assert.equal(parse(recorded).cdr.uuid, uuidOf(recorded), recorded.name);
  });

  test('keeps every variable, decoded once, arrays as lists', () => {
    for (const recorded of everything) {
      const { format, document } = decodeBody(recorded.body);
      const { variables } = readDocument(format, document);
      const plain = Object.fromEntries(
        [...decodePlainly(recorded.body).variables].map(([name, values]) => [
          name,
          values.length === 1 ? values[0] : values,
        ]),
      );
      assert.deepEqual({ ...variables }, plain, recorded.name);
    }
  });

  test('gives the same record whether all variables are read or only those that a record needs', () => {
    for (const recorded of everything) {
      const keepVariable = keptVariables(DEFAULT_KEPT_VARIABLES);
      const parsed = parseCdr(recorded.body, { receivedUs: RECEIVED_US, keepVariable });
      assert.ok('ok' in parsed);
      const all = parse(recorded);
      assert.deepEqual(parsed.ok, { ...all, variables: filter(all.variables, keepVariable) }, recorded.name);
    }
  });

  test('keeps every callflow, newest first, and its document byte for byte', () => {
    for (const recorded of everything) {
      const record = parse(recorded);
      const plain = decodePlainly(recorded.body);
      assert.equal(record.callflows.length, plain.callflows, recorded.name);
      assert.equal(record.format, plain.format);
      assert.ok(documentOf(record).equals(decodeBody(recorded.body).document));
      const created = record.callflows.map(({ created_us }) => created_us);
      assert.ok(
        created.every((time) => time === record.cdr.start_us),
        recorded.name,
      );
    }
  });

  test('is read by the line scanner as by fast-xml-parser', () => {
    for (const { body, name } of everything) {
      const { format, document } = decodeBody(body);
      if (format === 'json') continue;
      const scanned = scanLines(document.toString('utf8'));
      assert.ok(scanned, name);
      assert.deepEqual(leaves(scanned), leaves(parseXml(document.toString('utf8'))), name);
      assert.deepEqual(scanLines(document.toString('utf8'), { bytes: document }), scanned, name);
    }
  });
});

function filter(variables: Variables, keep: (name: string) => boolean): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => keep(name)));
}
