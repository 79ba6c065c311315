import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLookupForm } from '../../../../libs/freeswitch/xml/form.ts';
import { type Subject, subjectOf } from '../../../../libs/freeswitch/xml/lookup.ts';
import { readRecordedLookups } from '../../../support/directory/recorded-lookup.ts';

const RECORDED = readRecordedLookups().find(({ name }) => name.includes('REGISTER-found.txt'))?.body ?? '';
const VICTIM = { key: 'id', user: '1000', domain: 'lab.test' };
const ASKED: Subject = { key: 'id', user: '1001', domain: 'lab.test' };

function subject(body: string): Subject | undefined {
  const form = parseLookupForm(body);
  return form && subjectOf(form);
}

test('a recorded REGISTER asks about its user', () => {
  assert.deepEqual(subject(RECORDED), ASKED);
});

test('a later or foreign field never changes whom it is about', () => {
  const bodies = {
    'user appended': `${RECORDED}&user=1000`,
    'user and domain appended': `${RECORDED}&user=1000&domain=lab.test`,
    'domain appended': `${RECORDED}&domain=other.test`,
    'key_value appended': `${RECORDED}&key_value=other.test`,
    'SIP header X-user': RECORDED.replace('&sip_auth_qop', '&X-user=1000&X-domain=lab.test&sip_auth_qop'),
    'user among the SIP fields': RECORDED.replace('&sip_auth_qop', '&user=1000&sip_auth_qop'),
    'user and domain among the SIP fields': RECORDED.replace(
      '&sip_auth_qop',
      '&user=1000&domain=a.test&sip_auth_qop',
    ),
    'number-alias appended': `${RECORDED}&key=number-alias`,
  };
  for (const [name, body] of Object.entries(bodies)) assert.deepEqual(subject(body), ASKED, name);
});

test('a realm that carries fields of its own is nobody', () => {
  const hostile = (realm: string) =>
    RECORDED.replace('key_value=lab.test', `key_value=${realm}`)
      .replace('&domain=lab.test', `&domain=${encodeURIComponent(realm)}`)
      .replace('sip_auth_realm=lab.test', `sip_auth_realm=${encodeURIComponent(realm)}`);
  for (const realm of [
    'lab.test&user=1000',
    'lab.test&key=id&user=1000&domain=lab.test',
    'lab.test&key=id&user=1000&domain=lab.test&Event-Name=REQUEST_PARAMS',
    'other.test&key_value=lab.test&user=1000&domain=lab.test',
  ]) {
    const found = subject(hostile(realm));
    assert.notDeepEqual(found, VICTIM, realm);
    assert.equal(found, undefined, realm);
  }
});

test('two whole triples contradict each other: nobody', () => {
  assert.equal(subject(`${RECORDED}&key=id&user=1000&domain=lab.test`), undefined);
});

test('the domain must be the key_value, in any case', () => {
  assert.equal(subject(RECORDED.replace('&domain=lab.test', '&domain=other.test')), undefined);
  assert.deepEqual(subject(RECORDED.replace('key_value=lab.test', 'key_value=LAB.Test')), ASKED);
});

test('without a user it is about nobody', () => {
  assert.equal(subject('section=directory&tag_name=domain&key_name=name&key_value=lab.test'), undefined);
});
