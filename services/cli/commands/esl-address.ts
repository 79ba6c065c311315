import { checkInteger } from '../../../libs/provisioning/value.ts';
import { splitAddress } from '../../../libs/routing/source-index.ts';

const DEFAULT_PORT = '8021';
const PORT = { min: 1, max: 65_535 };

/** Reads `--esl`: `host`, `host:port` or `[v6]:port`. @throws CodedError `value-refused` */
export function readEslAddress(value: string): { host: string; port: number } {
  const { host, port = DEFAULT_PORT } = splitAddress(value);
  return { host, port: checkInteger('port', port, PORT) };
}
