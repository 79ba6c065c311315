import type { Config } from '../../../../libs/config/config.ts';
import { type Finding, findings } from './check.ts';

/** Judges the environment that this command was given: it should be that of the services. */
export function checkConfiguration(config: Config): Finding[] {
  const { found, ok, warning } = findings('configuration');
  if (config.DATABASE_URL === undefined) {
    ok(`standalone in ${config.DATA_DIR}`);
    return found;
  }
  ok(
    config.KAFKA_BROKERS === undefined
      ? 'the bus is in PostgreSQL'
      : `Kafka at ${config.KAFKA_BROKERS.join(', ')}`,
  );
  const unset = (['SECRETS_KEY', 'FREESWITCH_PASSWORD', 'KAMAILIO_PASSWORD', 'API_TOKEN'] as const).filter(
    (name) => config[name] === undefined,
  );
  if (unset.length > 0)
    warning(`${unset.join(', ')} not set here`, 'run this command with the environment of the services');
  if (config.DRAIN_MS === 0)
    warning(
      'DRAIN_MS is 0',
      'set it above the interval of the load balancer’s health checks, else a restart costs requests',
    );
  return found;
}
