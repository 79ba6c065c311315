import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Authority } from '../certificates.ts';
import { freePort } from './free-port.ts';
import { guardServer } from './guard.ts';
import { KAFKA_VERSION, kafkaClassPath } from './kafka-jars.ts';
import { noteServer, openRunDirectory } from './run-directory.ts';
import type { TestServer } from './test-server.ts';

const RUNS = resolve(import.meta.dirname, '../../../.cache/kafka/runs');
const READY_MS = 60_000;
const STOP_MS = 15_000;
const run = promisify(execFile);

/** A broker of our own, which a test may also stop and start again on the same port with the same data. */
export interface KafkaBroker extends TestServer {
  /** Ends the process, at once with `SIGKILL`; the data stays. */
  halt(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again after `halt`. */
  resume(): Promise<void>;
}

/** A second listener that speaks TLS, asks clients for a certificate, and knows one user by SCRAM-SHA-512. */
export interface SecureListener {
  authority: Authority;
  username: string;
  password: string;
}

export interface SecuredBroker extends KafkaBroker {
  secureAddress: string;
}

interface Running {
  child: ChildProcess;
  release: () => void;
}

/**
 * A single KRaft broker in a JVM with a small heap, on free ports of 127.0.0.1, ready when this resolves.
 * @throws Error when Java, Maven or the jars are missing, or the broker is not ready within a minute
 */
export async function startKafkaBroker(secure?: SecureListener): Promise<SecuredBroker> {
  const classPath = await kafkaClassPath();
  const directory = await openRunDirectory(RUNS);
  const [port, controllerPort, securePort] = [await freePort(), await freePort(), await freePort()];
  const properties = join(directory, 'server.properties');
  const more = secure === undefined ? undefined : await secureProperties(secure, { directory, securePort });
  await writeFile(properties, serverProperties({ directory, port, controllerPort, more }));
  await writeFile(join(directory, 'log4j2.properties'), LOG4J);
  await format(classPath, directory, { properties, secure });
  const start = () => launch({ classPath, directory, properties, port });
  let running = await start();
  const halt = (signal?: 'SIGTERM' | 'SIGKILL') => end(running, signal);
  return {
    address: `127.0.0.1:${port}`,
    secureAddress: `127.0.0.1:${securePort}`,
    origin: `Kafka ${KAFKA_VERSION} on Java`,
    halt,
    resume: async () => {
      running = await start();
    },
    stop: async () => {
      await halt();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function format(
  classPath: string,
  directory: string,
  { properties, secure }: { properties: string; secure: SecureListener | undefined },
): Promise<void> {
  const args = [...javaArgs(classPath, directory), 'kafka.tools.StorageTool'];
  const id = Buffer.from(crypto.randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  const user = secure && `SCRAM-SHA-512=[name=${secure.username},password=${secure.password}]`;
  const users = user === undefined ? [] : ['--add-scram', user];
  await run('java', [...args, 'format', `--cluster-id=${id}`, '-c', properties, ...users], {
    timeout: READY_MS,
  });
}

/** Lines of the second listener, and its files. */
async function secureProperties(
  { authority }: SecureListener,
  { directory, securePort }: { directory: string; securePort: number },
): Promise<SecureLines> {
  const { certificate, key } = authority.issue('broker');
  const store = join(directory, 'broker.pem');
  await writeFile(store, (await readFile(key, 'utf8')) + (await readFile(certificate, 'utf8')));
  const name = 'listener.name.secure';
  return {
    listener: `,SECURE://127.0.0.1:${securePort}`,
    protocol: ',SECURE:SASL_SSL',
    lines: `${name}.ssl.keystore.type=PEM
${name}.ssl.keystore.location=${store}
${name}.ssl.truststore.type=PEM
${name}.ssl.truststore.location=${authority.certificate}
${name}.ssl.client.auth=required
${name}.sasl.enabled.mechanisms=SCRAM-SHA-512
${name}.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
`,
  };
}

interface SecureLines {
  listener: string;
  protocol: string;
  lines: string;
}

function javaArgs(classPath: string, directory: string): string[] {
  return [
    '-Xms128m',
    '-Xmx384m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=${join(directory, 'log4j2.properties')}`,
    '-cp',
    classPath,
  ];
}

interface LaunchOptions {
  classPath: string;
  directory: string;
  properties: string;
  port: number;
}

async function launch({ classPath, directory, properties, port }: LaunchOptions): Promise<Running> {
  const output = openSync(join(directory, 'broker.log'), 'a');
  const child = spawn('java', [...javaArgs(classPath, directory), 'kafka.Kafka', properties], {
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  child.unref();
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const release = guardServer({ pid, directory, signal: 'TERM' });
  await noteServer(directory, pid);
  await waitUntilReady(child, port, directory).catch(async (error) => {
    await end({ child, release }, 'SIGKILL');
    throw error;
  });
  return { child, release };
}

async function waitUntilReady(child: ChildProcess, port: number, directory: string): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (!(await accepts(port))) {
    const over = child.exitCode !== null || child.signalCode !== null;
    if (over || performance.now() > deadline) {
      const log = await readFile(join(directory, 'broker.log'), 'utf8');
      throw new Error(`the Kafka broker did not start:\n${log.slice(-2_000)}`);
    }
    await sleep(100);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function end({ child, release }: Running, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.ref();
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(timer);
  }
  release();
}

function serverProperties(options: {
  directory: string;
  port: number;
  controllerPort: number;
  more: SecureLines | undefined;
}): string {
  const { directory, port, controllerPort, more } = options;
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${more?.listener ?? ''}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}${more?.listener ?? ''}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${more?.protocol ?? ''}
log.dirs=${join(directory, 'data')}
num.partitions=1
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
message.max.bytes=26214400
replica.fetch.max.bytes=26214400
socket.request.max.bytes=104857600
log.segment.bytes=33554432
num.network.threads=2
num.io.threads=2
${more?.lines ?? ''}`;
}

const LOG4J = `status=error
appender.console.type=Console
appender.console.name=CONSOLE
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %m (%c)%n
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=CONSOLE
`;
