import { readFileSync } from 'node:fs';
import { connect, isIP } from 'node:net';
import { createSecureContext, type SecureContextOptions, connect as tlsConnect } from 'node:tls';
import type { KafkaConfig } from 'kafkajs';
import type { Config } from '../../config/config.ts';
import { CodedError } from '../../errors/coded-error.ts';

/** How a connection to Kafka is secured; nothing of it: plain text and nobody's name. */
export type SecurityConfig = Pick<
  Config,
  | 'KAFKA_TLS'
  | 'KAFKA_TLS_CA'
  | 'KAFKA_TLS_CERTIFICATE'
  | 'KAFKA_TLS_PRIVATE_KEY'
  | 'KAFKA_SASL_MECHANISM'
  | 'KAFKA_SASL_USERNAME'
  | 'KAFKA_SASL_PASSWORD'
>;

const KEEP_ALIVE_MS = 60_000;

/**
 * What kafkajs is given of it. Files are read again for every connection, so that a new certificate needs no restart.
 * @throws CodedError `kafka-tls-unusable`, `kafka-sasl-incomplete`, each naming the variable
 */
export function securityOf(config: SecurityConfig): Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'> {
  const sasl = saslOf(config);
  if (config.KAFKA_TLS === 'off') {
    refuseFiles(config);
    if (sasl?.mechanism === 'plain') {
      throw new CodedError(
        'kafka-sasl-incomplete',
        'KAFKA_SASL_MECHANISM=plain needs KAFKA_TLS=on: it sends the password',
      );
    }
    return { ...(sasl && { sasl }) };
  }
  readContext(config);
  return { ...(sasl && { sasl }), ssl: true, socketFactory: secureSockets(config) };
}

function secureSockets(config: SecurityConfig): NonNullable<KafkaConfig['socketFactory']> {
  return ({ host, port, ssl, onConnect }) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = ssl
      ? tlsConnect({ host, port, ...name, ...readContext(config) }, onConnect)
      : connect({ host, port }, onConnect);
    return socket.setKeepAlive(true, KEEP_ALIVE_MS);
  };
}

/** Without a CA of our own those that Node.js trusts count. The broker's name is always checked. */
function readContext(config: SecurityConfig): SecureContextOptions {
  const { KAFKA_TLS_CA: ca, KAFKA_TLS_CERTIFICATE: cert, KAFKA_TLS_PRIVATE_KEY: key } = config;
  if ((cert === undefined) !== (key === undefined)) {
    throw new CodedError(
      'kafka-tls-unusable',
      'KAFKA_TLS_CERTIFICATE and KAFKA_TLS_PRIVATE_KEY belong together',
    );
  }
  try {
    const context: SecureContextOptions = {
      minVersion: 'TLSv1.2',
      ...(ca !== undefined && { ca: readFileSync(ca) }),
      ...(cert !== undefined && { cert: readFileSync(cert) }),
      ...(key !== undefined && { key: readFileSync(key) }),
    };
    createSecureContext(context);
    return context;
  } catch (cause) {
    throw new CodedError('kafka-tls-unusable', 'the files that KAFKA_TLS_… name cannot be used', { cause });
  }
}

function refuseFiles(config: SecurityConfig): void {
  const names = ['KAFKA_TLS_CA', 'KAFKA_TLS_CERTIFICATE', 'KAFKA_TLS_PRIVATE_KEY'] as const;
  const given = names.find((name) => config[name] !== undefined);
  if (given === undefined) return;
  throw new CodedError(
    'kafka-tls-unusable',
    `${given} is set, but KAFKA_TLS is off: connections would be plain`,
  );
}

function saslOf(config: SecurityConfig): KafkaConfig['sasl'] {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = config;
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) {
    throw new CodedError(
      'kafka-sasl-incomplete',
      'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD belong together',
    );
  }
  return { mechanism, username, password } as NonNullable<KafkaConfig['sasl']>;
}
