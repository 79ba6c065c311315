import assert from 'node:assert/strict';
import { test } from 'node:test';
import { securityOf } from '../../../../libs/bus/kafka/security.ts';
import { loadConfig } from '../../../../libs/config/config.ts';

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
