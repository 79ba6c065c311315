import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLookupForm } from '../../../libs/freeswitch/xml/form.ts';
import { answerLookup } from '../../../services/directory/answer.ts';
import type { DirectoryModel } from '../../../services/directory/model/directory-model.ts';
import { type AnsweredUser, readAnsweredUser } from '../../support/directory/answered-user.ts';
import { directoryModelOf, domainRow, userRow } from '../../support/directory/lab-model.ts';
import { surroundingsOf } from '../../support/directory/surroundings.ts';

interface Question {
  user?: string;
  domain?: string;
  action?: string;
  key?: string;
  /** further fields, as they stand in the form */
  more?: string;
}

function ask(
  model: DirectoryModel,
  question: Question = {},
): { kind: string; user: AnsweredUser | undefined } {
  const { user = '1001', domain = 'lab.test', action, key = 'id', more = '' } = question;
  const body =
    `hostname=fs01&section=directory&tag_name=domain&key_name=name&key_value=${domain}&Event-Name=REQUEST_PARAMS` +
    `${action === undefined ? '' : `&action=${action}`}${more}&key=${key}&user=${user}&domain=${domain}`;
  const form = parseLookupForm(body);
  assert(form !== undefined);
  const { kind, xml } = answerLookup(form, surroundingsOf(model));
  return { kind, user: readAnsweredUser(xml) };
}

const HA1 = '0123456789abcdef0123456789abcdef';

function modelWith(user: Parameters<typeof userRow>[2] = {}, domain: Parameters<typeof domainRow>[1] = {}) {
  return directoryModelOf({
    domains: [domainRow('lab.test', domain)],
    users: [userRow('1001', 'lab.test', { ha1: HA1, ...user })],
  });
}

test('sip_auth gets the HA1 and never an open door', () => {
  const { user } = ask(modelWith(), { action: 'sip_auth' });
  assert.equal(user?.params['a1-hash'], HA1);
  assert.equal(user?.params['allow-empty-password'], 'false');
  assert.equal(user?.params['password'], undefined);
});

test('who has a password in one domain cannot register in another of ours (I6)', () => {
  const model = directoryModelOf({
    domains: [domainRow('lab.test'), domainRow('b.test')],
    users: [userRow('1001', 'lab.test'), userRow('1001', 'b.test')],
  });
  const registers = (to: string, method = 'REGISTER', before = '') =>
    ask(model, { action: 'sip_auth', more: `${before}&sip_to_host=${to}&sip_auth_method=${method}` }).kind;
  assert.equal(registers('lab.test'), 'user');
  assert.equal(registers('LAB.test'), 'user');
  assert.equal(registers('192.0.2.11'), 'user', 'the address of the node');
  assert.equal(registers('b.test', 'INVITE'), 'user', 'he may call there');
  assert.equal(registers('b.test'), 'not-found');
  assert.equal(registers('B.TEST'), 'not-found');
  const forged = '&sip_to_host=lab.test&sip_auth_method=INVITE';
  assert.equal(registers('b.test', 'REGISTER', forged), 'not-found', 'fields of a realm come first');
});

test('user_call gets a dial-string of our own names, and no secret', () => {
  const { user } = ask(modelWith(), { action: 'user_call' });
  assert.equal(
    user?.params['dial-string'],
    `{^^:sip_invite_domain=lab.test:presence_id=1001@lab.test:dialed_user=1001:dialed_domain=lab.test}\${sofia_contact(*/1001@lab.test)}`,
  );
  assert.equal(user?.params['a1-hash'], undefined);
  assert.equal(user?.params['allow-empty-password'], 'false');
});

test('an administrator may set the dial-string of a domain', () => {
  const { user } = ask(modelWith({}, { dial_string: `sofia/internal/\${dialed_user}@192.0.2.1` }), {});
  assert.equal(user?.params['dial-string'], `sofia/internal/\${dialed_user}@192.0.2.1`);
});

test('names match in any case, and the stored spelling is answered', () => {
  const model = directoryModelOf({
    domains: [domainRow('lab.test')],
    users: [userRow('Alice', 'lab.test')],
  });
  assert.equal(ask(model, { user: 'aLICE', domain: 'LAB.TEST' }).user?.id, 'Alice');
  assert.equal(ask(model, { user: '\u212a' }).kind, 'unknown');
});

test('a number alias is found by number-alias only', () => {
  const model = modelWith({ number_alias: '7001' });
  assert.equal(ask(model, { key: 'number-alias', user: '7001' }).user?.id, '1001');
  assert.equal(ask(model, { key: 'id', user: '7001' }).user, undefined);
  assert.equal(ask(model, { key: 'number-alias', user: '1001' }).user, undefined);
});

test('disabled users and domains are not found, and are not unknown', () => {
  assert.deepEqual(ask(modelWith({ enabled: false })), { kind: 'not-found', user: undefined });
  assert.deepEqual(ask(modelWith({}, { enabled: false })), { kind: 'not-found', user: undefined });
  assert.deepEqual(ask(modelWith(), { user: '1999' }), { kind: 'unknown', user: undefined });
});

test('the same user id in two domains are two users', () => {
  const model = directoryModelOf({
    domains: [domainRow('a.test'), domainRow('b.test')],
    users: [
      userRow('1001', 'a.test', { ha1: 'a'.repeat(32) }),
      userRow('1001', 'b.test', { ha1: 'b'.repeat(32) }),
    ],
  });
  assert.equal(ask(model, { domain: 'a.test', action: 'sip_auth' }).user?.params['a1-hash'], 'a'.repeat(32));
  assert.equal(ask(model, { domain: 'b.test', action: 'sip_auth' }).user?.params['a1-hash'], 'b'.repeat(32));
});

test("a user's params win over the domain's, and ours over both", () => {
  const params = { 'Allow-Empty-Password': 'true', 'a1-hash': 'x', 'dial-string': 'evil', timezone: 'UTC' };
  const model = modelWith({ params: { timezone: 'Europe/Rome' } }, { params });
  const { user } = ask(model, { action: 'user_call' });
  assert.equal(user?.params['timezone'], 'Europe/Rome');
  assert.equal(user?.params['allow-empty-password'], 'false');
  assert.equal(user?.params['Allow-Empty-Password'], undefined);
  assert.equal(user?.params['a1-hash'], undefined);
  assert.notEqual(user?.params['dial-string'], 'evil');
});
