import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { securityOf } from '../../../../libs/bus/kafka/security.ts';
import { loadConfig } from '../../../../libs/config/config.ts';
import { type Authority, createAuthority, type Issued } from '../../../support/certificates.ts';

const of = (environment: Record<string, string>) => securityOf(loadConfig(environment));

test('nothing is secured that nobody asked for, and SCRAM needs no more than a name and a password', () => {
  assert.deepEqual(of({}), {});
  const sasl = { mechanism: 'scram-sha-512', username: 'a', password: 'b' };
  assert.deepEqual(of({ KAFKA_SASL_USERNAME: 'a', KAFKA_SASL_PASSWORD: 'b' }), { sasl });
});

for (const [what, environment, code, named] of [
  ['a CA that nobody would use', { KAFKA_TLS_CA: 'x' }, 'kafka-tls-unusable', /KAFKA_TLS_CA/],
  ['a CA that is not there', { KAFKA_TLS: 'on', KAFKA_TLS_CA: '/none' }, 'kafka-tls-unusable', /KAFKA_TLS_/],
  ['half a pair', { KAFKA_TLS: 'on', KAFKA_TLS_CERTIFICATE: 'x' }, 'kafka-tls-unusable', /PRIVATE_KEY/],
  ['a name without a password', { KAFKA_SASL_USERNAME: 'a' }, 'kafka-sasl-incomplete', /PASSWORD/],
  [
    'a password in plain text',
    { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'a', KAFKA_SASL_PASSWORD: 'b' },
    'kafka-sasl-incomplete',
    /KAFKA_TLS=on/,
  ],
] as const) {
  test(`${what} stops the start and names the variable`, () => {
    assert.throws(() => of(environment), { code, message: named });
  });
}

test('each connection takes the certificate that lies there now', async (t) => {
  const [authority, next] = [createAuthority(t), createAuthority(t)];
  const file = (name: string) => join(authority.folder, name);
  const use = ({ certificate, key }: Issued, { certificate: ca }: Authority) => {
    copyFileSync(certificate, file('mine.crt'));
    copyFileSync(key, file('mine.key'));
    copyFileSync(ca, file('trusted.crt'));
  };
  use(authority.issue('first'), authority);
  const { socketFactory } = of({
    KAFKA_TLS: 'on',
    KAFKA_TLS_CA: file('trusted.crt'),
    KAFKA_TLS_CERTIFICATE: file('mine.crt'),
    KAFKA_TLS_PRIVATE_KEY: file('mine.key'),
  });
  assert.ok(socketFactory);
  /** The name that a broker of this authority finds in our certificate. */
  const nameAt = async (issuer: Authority) => {
    const { certificate, key } = issuer.issue('broker');
    const options = {
      cert: readFileSync(certificate),
      key: readFileSync(key),
      ca: readFileSync(issuer.certificate),
    };
    const broker = createServer({ ...options, requestCert: true });
    t.after(() => broker.close());
    broker.listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const { port } = broker.address() as AddressInfo;
    const socket = socketFactory({ host: '127.0.0.1', port, ssl: {}, onConnect: () => undefined });
    t.after(() => socket.destroy());
    const [accepted] = (await once(broker, 'secureConnection')) as [TLSSocket];
    return accepted.getPeerCertificate().subject.CN;
  };
  assert.equal(await nameAt(authority), 'first');
  use(next.issue('second'), next);
  assert.equal(await nameAt(next), 'second');
});
