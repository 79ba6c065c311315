import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredServiceStatus } from '../../../../libs/store/service-status.ts';
import { exitCodeOf, type Finding, toLine } from '../../../../services/cli/commands/doctor/check.ts';
import {
  checkDatabase,
  type DatabaseFacts,
} from '../../../../services/cli/commands/doctor/database-check.ts';
import { checkKafka, type KafkaFacts } from '../../../../services/cli/commands/doctor/kafka-check.ts';
import { checkKamailio } from '../../../../services/cli/commands/doctor/kamailio-check.ts';
import { checkNode, type NodeFacts } from '../../../../services/cli/commands/doctor/node-check.ts';
import { checkServices } from '../../../../services/cli/commands/doctor/service-check.ts';

/** `failed: text` and `warning: text` of what is wrong; what is ok is left out. */
const wrong = (found: readonly Finding[]) =>
  found.filter(({ result }) => result !== 'ok').map(({ result, says }) => `${result}: ${says}`);

const DATABASE: DatabaseFacts = {
  version: 180_004,
  mayCreate: true,
  missing: [],
  unknown: [],
  isPooled: false,
  clockOffset: 0.02,
  connections: { used: 30, most: 100 },
  partitions: [{ table: 'cdr', ahead: 3_000_000 }],
  replica: null,
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
  assert.deepEqual(database({ mayCreate: false }), ['failed: the role may not create tables']);
  assert.deepEqual(database({ isPooled: true }), ['failed: a pooler in transaction mode stands before it']);
  assert.deepEqual(database({ clockOffset: -3 }), ['warning: its clock is -3.0 s from ours']);
  assert.deepEqual(database({ connections: { used: 90, most: 100 } }), [
    'warning: 90 of 100 connections are used',
  ]);
  assert.deepEqual(database({ partitions: [{ table: 'leg_events', ahead: 4_000 }] }), [
    'failed: no partition for tomorrow: leg_events',
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
  assert.deepEqual(checkKafka(undefined), [], 'the bus in PostgreSQL has none');
});

const NODE: NodeFacts = {
  switchname: 'fs01',
  state: 'active',
  answers: {
    value: { switchname: 'fs01', clockOffset: 0, modules: { mod_xml_curl: true, mod_xml_cdr: true } },
  },
  ended: 100,
  withCdr: 100,
  lastCdr: 3,
};
const answers = (said: object): Partial<NodeFacts> => ({
  answers: { value: { switchname: 'fs01', clockOffset: 0, modules: {}, ...said } },
});
const node = (facts: Partial<NodeFacts>) => wrong(checkNode({ ...NODE, ...facts }));

test('a node: login, name, clock, modules, and as many CDRs as legs', () => {
  assert.deepEqual(node({}), []);
  assert.deepEqual(node({ answers: { problem: 'refused' } }), ['failed: refused']);
  assert.deepEqual(node(answers({ switchname: 'clone' })), ['failed: calls itself clone']);
  assert.deepEqual(node(answers({ clockOffset: 2.5 })), ['warning: its clock is 2.5 s from ours']);
  assert.deepEqual(node(answers({ modules: { mod_xml_cdr: false, mod_xml_curl: null } })), [
    'failed: mod_xml_cdr is not loaded',
  ]);
  assert.deepEqual(node({ withCdr: 89 }), ['failed: only 89 of 100 legs of the last hour have a CDR']);
  assert.deepEqual(node({ ended: 5, withCdr: 0, lastCdr: 60 }), [], 'too few to tell');
  assert.deepEqual(node({ ended: 0, withCdr: 0, lastCdr: null }), ['warning: no CDR in the last day']);
  assert.deepEqual(node({ state: 'draining' }), ['warning: is draining']);
  assert.deepEqual(node({ state: 'disabled', answers: null }), ['warning: is disabled']);
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
