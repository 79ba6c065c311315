import { connect } from 'node:net';
import { type ISocketFactory, Kafka, type logCreator, logLevel } from 'kafkajs';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { createFirstBroker, type FirstBroker } from './first-broker.ts';
import { quickenProduce } from './produce-request.ts';
import { repairRequestQueue } from './request-queue.ts';
import { securityOf } from './security.ts';

const CONNECT_MS = 3_000;
const KEEP_ALIVE_MS = 60_000;

/**
 * Makes a kafkajs client. Each consumer needs one of its own: clients share the offsets of a group between consumers. `onLost` is
 * called when records of a partition were gone before its consumer read them.
 */
export type OpenClient = (onLost?: () => void) => Kafka;

/**
 * How kafkajs is set up everywhere: our time limits, few retries of its own (callers retry), its log under ours.
 * @throws CodedError `kafka-tls-unusable`, `kafka-sasl-incomplete`
 */
export function createClientFactory(config: Config, logger: Logger): OpenClient {
  repairRequestQueue();
  quickenProduce();
  const brokers = config.KAFKA_BROKERS ?? [];
  const firstBroker = createFirstBroker();
  const security = securityOf(config);
  return (onLost) =>
    new Kafka({
      ...security,
      brokers: firstBroker.orderOf(brokers),
      socketFactory: noticed(security.socketFactory ?? openPlain, firstBroker),
      clientId: `switchfleet-${config.INSTANCE_ID}`,
      connectionTimeout: Math.min(CONNECT_MS, config.BUS_TIMEOUT_MS),
      requestTimeout: config.BUS_TIMEOUT_MS,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 },
      logLevel: logLevel.DEBUG,
      logCreator: intoLogger(logger, onLost),
    });
}

/** As kafkajs makes its own sockets, where nothing is to be secured. */
const openPlain: ISocketFactory = ({ host, port, onConnect }) =>
  connect({ host, port }, onConnect).setKeepAlive(true, KEEP_ALIVE_MS);

function noticed(open: ISocketFactory, firstBroker: FirstBroker): ISocketFactory {
  return (target) => {
    const socket = open(target);
    firstBroker.notice(socket, `${target.host}:${target.port}`);
    return socket;
  };
}

/** Records were dropped by retention before the group applied them: nobody else would tell. */
const LOST = 'Offset out of range, resetting to default offset';

/**
 * kafkajs calls an error what it then repairs itself (a coordinator that is still loading, a closed connection), so
 * its lines are for debugging only; what matters to a person is logged where we act on it.
 */
function intoLogger(logger: Logger, onLost?: () => void): logCreator {
  const debug = (line: object, message: string) => logger.debug(line, message);
  const trace = (line: object, message: string) => logger.trace(line, message);
  return () =>
    ({ level, namespace, log: { message, timestamp: _, ...details } }) => {
      if (message === LOST) {
        onLost?.();
        return logger.error(details, 'records were gone before they were applied');
      }
      const write = level <= logLevel.WARN ? debug : trace;
      write({ kafkajs: namespace, ...details }, message);
    };
}
