import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { StoredServiceStatus } from '../../../../libs/store/service-status.ts';
import { exitCodeOf, type Finding, toLine } from '../../../../services/cli/commands/doctor/check.ts';
import {
  checkDatabase,
  type DatabaseFacts,
} from '../../../../services/cli/commands/doctor/database-check.ts';
import { checkKafka, type KafkaFacts } from '../../../../services/cli/commands/doctor/kafka-check.ts';
import { checkKamailio } from '../../../../services/cli/commands/doctor/kamailio-check.ts';
import {
  type CdrSettings,
  type CurlBinding,
  readCdrSettings,
  readCurlBindings,
} from '../../../../services/cli/commands/doctor/module-settings.ts';
import {
  checkNode,
  type NodeAnswers,
  type NodeFacts,
} from '../../../../services/cli/commands/doctor/node-check.ts';
import { checkServices } from '../../../../services/cli/commands/doctor/service-check.ts';

/** `failed: text` and `warning: text` of what is wrong; what is ok is left out. */
const wrong = (found: readonly Finding[]) =>
  found.filter(({ result }) => result !== 'ok').map(({ result, says }) => `${result}: ${says}`);

const DATABASE: DatabaseFacts = {
  version: 180_004,
  encoding: 'UTF8',
  mayCreate: true,
  missing: [],
  unknown: [],
  isPooled: false,
  clockOffset: 0.02,
  connections: { used: 30, most: 100 },
  partitions: [{ table: 'cdr', ahead: 3_000_000 }],
  replica: null,
  reports: { reportRole: 'reads', findsPrefixes: true },
};
const database = (facts: Partial<DatabaseFacts>) =>
  wrong(checkDatabase({ value: { ...DATABASE, ...facts } }));

test('the database: version, schema, privileges, pooler, clock, connections, partitions, replica', () => {
  assert.deepEqual(database({}), []);
  assert.deepEqual(database({ version: 140_011 }), ['failed: PostgreSQL 14.11 is too old']);
  assert.deepEqual(database({ missing: ['0080_x.sql'] }), ['failed: lacks 0080_x.sql']);
  assert.deepEqual(database({ unknown: [99] }), [
    'warning: has migrations that this release does not know (99)',
  ]);
  assert.match(database({ encoding: 'SQL_ASCII' })[0] ?? '', /^warning: is encoded in SQL_ASCII/);
  assert.deepEqual(database({ mayCreate: false }), ['failed: the role may not create tables']);
  assert.deepEqual(database({ isPooled: true }), ['failed: a pooler in transaction mode stands before it']);
  assert.deepEqual(database({ clockOffset: -3 }), ['warning: its clock is -3.0 s from ours']);
  assert.deepEqual(database({ connections: { used: 90, most: 100 } }), [
    'warning: 90 of 100 connections are used',
  ]);
  assert.deepEqual(database({ partitions: [{ table: 'leg_events', ahead: 4_000 }] }), [
    'failed: no partition for tomorrow: leg_events',
  ]);
  assert.deepEqual(database({ reports: { reportRole: 'missing', findsPrefixes: true } }), [
    'warning: has no role switchfleet_report',
  ]);
  assert.deepEqual(database({ replica: { value: 300 } }), ['warning: the replica is 300 s behind']);
  assert.deepEqual(wrong(checkDatabase({ problem: 'no answer' })), ['failed: no answer']);
});

const TOPIC = {
  name: 'switchfleet.cdrs',
  partitions: 12,
  replicas: 3,
  inSync: 3,
  minInSync: 2,
  maxMessageBytes: 25_165_824,
  isHeld: true,
  isCompacted: false,
  retentionMs: 604_800_000,
};
const kafka = (topic: Partial<typeof TOPIC>, facts: Partial<KafkaFacts> = {}) =>
  wrong(
    checkKafka({
      value: { brokers: 3, topics: [{ ...TOPIC, ...topic }], missing: [], recordBytes: 25_165_824, ...facts },
    }),
  );

test('Kafka: topics, replicas, what durable means, the largest record', () => {
  assert.deepEqual(kafka({}), []);
  assert.deepEqual(kafka({}, { missing: ['switchfleet.live'] }), ['failed: has no topic switchfleet.live']);
  assert.deepEqual(kafka({ replicas: 1, inSync: 1, minInSync: 1 }), [
    'warning: one replica only: switchfleet.cdrs',
  ]);
  assert.deepEqual(kafka({ minInSync: 1 }), ['failed: min.insync.replicas is 1: switchfleet.cdrs']);
  assert.deepEqual(kafka({ inSync: 1 }), [
    'failed: too few replicas in sync to be written: switchfleet.cdrs',
  ]);
  assert.deepEqual(kafka({ maxMessageBytes: 1_048_588 }), [
    'failed: max.message.bytes is too small: switchfleet.cdrs',
  ]);
  assert.deepEqual(kafka({ isCompacted: true }), ['failed: cleanup.policy is compact: switchfleet.cdrs']);
  assert.deepEqual(kafka({ retentionMs: 3_600_000 }), [
    'warning: kept for less than a day: switchfleet.cdrs',
  ]);
  assert.deepEqual(kafka({ isHeld: false, isCompacted: true, retentionMs: 3_600_000 }), []);
  assert.deepEqual(kafka({ retentionMs: -1 }), []);
  assert.deepEqual(checkKafka(undefined), [], 'the bus in PostgreSQL has none');
});

const CDR_SETTINGS: CdrSettings = {
  urls: ['http://192.0.2.1:3102/cdr'],
  hasCredential: true,
  timeout: 5,
  retries: 2,
  postsBLegs: true,
  checksCertificate: false,
};
const BINDING: CurlBinding = {
  url: 'http://192.0.2.1:3101/freeswitch',
  sections: 'directory',
  hasCredential: true,
  timeout: 3,
  checksCertificate: false,
};
const ANSWERS: NodeAnswers = {
  switchname: 'fs01',
  clockOffset: 0,
  modules: { mod_xml_curl: true, mod_xml_cdr: true },
  cdrSettings: CDR_SETTINGS,
  curlBindings: [BINDING],
};
const NODE: NodeFacts = {
  switchname: 'fs01',
  state: 'active',
  answers: { value: ANSWERS },
  lastLookup: 12,
  ...{ heard: 100, heardWithCdr: 100, posted: 100, postedWithEvents: 100, lastCdr: 3 },
};
const node = (facts: Partial<NodeFacts>) => wrong(checkNode({ ...NODE, ...facts }));
const answers = (said: Partial<NodeAnswers>) => node({ answers: { value: { ...ANSWERS, ...said } } });
const cdrSettings = (said: Partial<CdrSettings>) => answers({ cdrSettings: { ...CDR_SETTINGS, ...said } });
const binding = (said: Partial<CurlBinding>) => answers({ curlBindings: [{ ...BINDING, ...said }] });

test('a node: login, name, clock, modules, state', () => {
  assert.deepEqual(node({}), []);
  assert.deepEqual(node({ answers: { problem: 'refused' } }), ['failed: refused']);
  assert.deepEqual(answers({ switchname: 'clone' }), ['failed: calls itself clone']);
  assert.deepEqual(answers({ clockOffset: 2.5 }), ['warning: its clock is 2.5 s from ours']);
  assert.deepEqual(answers({ modules: { mod_xml_cdr: false, mod_xml_curl: null } }), [
    'failed: mod_xml_cdr is not loaded',
  ]);
  assert.deepEqual(node({ state: 'draining' }), ['warning: is draining']);
  assert.deepEqual(node({ state: 'disabled', answers: null }), ['warning: is disabled']);
});

test('a node: as many CDRs as legs that were heard of, and the other way round', () => {
  assert.deepEqual(node({ heardWithCdr: 89 }), ['failed: only 89 of 100 legs of the last hour have a CDR']);
  assert.deepEqual(node({ heardWithCdr: 90 }), []);
  assert.deepEqual(node({ postedWithEvents: 89 }), [
    'failed: only 89 of 100 CDRs of the last hour had events',
  ]);
  assert.deepEqual(
    node({ heard: 0, heardWithCdr: 0, postedWithEvents: 0 }),
    ['failed: only 0 of 100 CDRs of the last hour had events'],
    'a leg that only its CDR told of says nothing of agreement',
  );
  assert.deepEqual(
    node({ heard: 5, heardWithCdr: 0, posted: 5, postedWithEvents: 0 }),
    [],
    'too few to tell',
  );
  const none = { heard: 0, heardWithCdr: 0, posted: 0, postedWithEvents: 0, lastCdr: null };
  assert.deepEqual(node(none), ['warning: no CDR in the last day']);
});

test('a node: when it asked last', () => {
  assert.deepEqual(node({ lastLookup: null }), ['warning: has never asked for its directory']);
  assert.deepEqual(node({ lastLookup: 7_260 }), ['warning: asked for its directory 121 minutes ago']);
});

test('a node: what its modules are told to do', () => {
  assert.deepEqual(cdrSettings({ urls: [] }), ['failed: mod_xml_cdr has no url']);
  assert.deepEqual(cdrSettings({ hasCredential: false, postsBLegs: false, timeout: 0, retries: 0 }), [
    'failed: mod_xml_cdr posts without a credential',
    'failed: mod_xml_cdr posts no b-legs: a call has half of its history',
    'warning: mod_xml_cdr waits for ever, and its channels with it',
    'warning: mod_xml_cdr posts once and gives up',
  ]);
  assert.deepEqual(cdrSettings({ urls: ['https://192.0.2.1/cdr'] }), [
    'warning: mod_xml_cdr takes any certificate',
  ]);
  assert.deepEqual(cdrSettings({ urls: ['https://192.0.2.1/cdr'], checksCertificate: true }), []);
  assert.deepEqual(binding({ sections: 'dialplan' }), ['failed: mod_xml_curl asks nobody for the directory']);
  assert.deepEqual(binding({ sections: 'dialplan|directory' }), []);
  assert.deepEqual(binding({ sections: '' }), [], 'a binding without sections is asked for all');
  assert.deepEqual(binding({ hasCredential: false, timeout: 0, url: 'https://192.0.2.1' }), [
    'failed: mod_xml_curl asks without a credential',
    'warning: mod_xml_curl waits for ever, and the call with it',
    'warning: mod_xml_curl takes any certificate: who answers in our place runs commands on the node',
  ]);
  assert.deepEqual(answers({ cdrSettings: undefined, curlBindings: undefined }), [], 'it does not say');
});

test('the files that we ship are set up as they should be, and no credential is read out of them', () => {
  const shipped = (name: string) =>
    readFileSync(new URL(`../../../../integrations/freeswitch/${name}`, import.meta.url), 'utf8');
  const cdr = readCdrSettings(shipped('xml_cdr.conf.xml'));
  const curl = readCurlBindings(shipped('xml_curl.conf.xml'));
  const urls = Array(2).fill('http://127.0.0.1:3102/cdr');
  assert.deepEqual(cdr, { ...CDR_SETTINGS, urls, checksCertificate: true });
  assert.deepEqual(curl, [{ ...BINDING, url: 'http://127.0.0.1:3101/freeswitch', checksCertificate: true }]);
  assert.deepEqual(answers({ cdrSettings: cdr, curlBindings: curl }), []);
});

test('settings as a node tells them', () => {
  assert.equal(readCdrSettings("-Error can't find anything\n"), undefined);
  assert.equal(readCurlBindings('-ERR xml_locate Command not found!\n'), undefined);
  const written = `<configuration name="xml_cdr.conf" description="x">
  <settings>
    <param name="URL" value="http://me:planted@192.0.2.1/cdr"></param>
    <param name="log-b-leg" value="false"></param>
    <param name="timeout" value="x"></param>
  </settings>
</configuration>`;
  assert.deepEqual(readCdrSettings(written), {
    urls: ['http://192.0.2.1/cdr'],
    hasCredential: false,
    timeout: 0,
    retries: 0,
    postsBLegs: false,
    checksCertificate: false,
  });
  assert.deepEqual(
    readCurlBindings('<configuration name="xml_curl.conf"><bindings></bindings></configuration>'),
    [],
  );
});

const status = (service: string, said: Partial<StoredServiceStatus> = {}): StoredServiceStatus => ({
  instance: 'one',
  service,
  version: '1.0.0',
  health: { ready: true, reasons: [] },
  lagRecords: 0,
  lagSeconds: 0,
  snapshotAgeSeconds: null,
  startedAtUs: 0,
  updatedAtUs: 0,
  silentSeconds: 2,
  ...said,
});
const ALL = ['api', 'cdr', 'collector', 'directory', 'merger', 'routing', 'writer'];
const services = (...extra: StoredServiceStatus[]) =>
  wrong(checkServices({ value: [...ALL.map((name) => status(name)), ...extra] }, '1.0.0'));

test('services: one of each, ready, not behind, of one release', () => {
  assert.deepEqual(services(), []);
  assert.deepEqual(wrong(checkServices({ value: [status('api')] }, '1.0.0')), [
    'failed: no instance runs of cdr, collector, directory, merger, routing, writer',
  ]);
  const instance = 'two';
  assert.deepEqual(services(status('cdr', { instance, silentSeconds: 90 })), [
    'warning: cdr two was last heard 90 s ago',
  ]);
  assert.deepEqual(services(status('cdr', { instance, silentSeconds: 9_000 })), [], 'forgotten');
  assert.deepEqual(services(status('cdr', { instance, health: { ready: false, reasons: ['x'] } })), [
    'failed: cdr two is not ready',
  ]);
  assert.deepEqual(services(status('writer', { instance, lagSeconds: 600 })), [
    'warning: writer two is 600 s behind',
  ]);
  assert.deepEqual(services(status('api', { instance, version: '0.9.0' })), [
    'warning: api two is release 0.9.0, this command 1.0.0',
  ]);
});

test('a Kamailio: it answers, has active targets, and knows every node', () => {
  const target = (destination: string, flags = 'AP') => ({
    setId: 1,
    destination,
    flags,
    isActive: flags.startsWith('A'),
  });
  const kamailio = (targets: ReturnType<typeof target>[], wanted: string[] = []) =>
    wrong(checkKamailio({ name: 'kam1', targets: { value: targets }, wanted }));
  assert.deepEqual(kamailio([target('sip:a')], ['sip:a']), []);
  assert.deepEqual(kamailio([target('sip:a', 'IP')]), ['failed: its dispatcher has no active target']);
  assert.deepEqual(kamailio([target('sip:a')], ['sip:a', 'sip:b']), ['warning: does not know sip:b']);
  assert.deepEqual(wrong(checkKamailio({ name: 'kam1', targets: { problem: 'silent' }, wanted: [] })), [
    'failed: silent',
  ]);
});

test('only what failed makes the command fail, and what is wrong comes with what to do', () => {
  const warnings = checkNode({ ...NODE, state: 'draining' });
  assert.equal(exitCodeOf(warnings), 0);
  assert.equal(exitCodeOf([...warnings, ...checkNode({ ...NODE, answers: { problem: 'x' } })]), 1);
  const line = toLine({ about: 'kafka', result: 'failed', says: 'is away', todo: 'start it' });
  assert.equal(line, 'failed   kafka            is away: start it');
});
