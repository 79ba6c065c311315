import { askStack } from './stack-client.ts';

/** Addresses of a running Kafka, `host:port`. @throws Error when this machine can have none */
export async function testBrokers(): Promise<string[]> {
  const { brokers } = await askStack<{ brokers: string[] }>('GET', '/brokers');
  return brokers;
}

/**
 * For a test's `skip` option: false when Kafka runs, else the reason. With CI=true always false, so that
 * a machine without Kafka fails there. (`const skip = await skipWithoutKafka(); test('…', { skip }, …)`)
 */
export async function skipWithoutKafka(): Promise<string | false> {
  if (process.env['CI'] === 'true') return false;
  try {
    await testBrokers();
    return false;
  } catch (error) {
    return `no Kafka on this machine: ${error instanceof Error ? error.message : String(error)}`;
  }
}
