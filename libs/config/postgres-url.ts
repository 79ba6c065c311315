import { CodedError } from '../errors/coded-error.ts';
import { url, type Variable } from './variable.ts';

/** Of libpq's parameters of TLS, those that the driver heeds (pg-connection-string): it passes over all others. */
const TLS_PARAMETERS = new Set(['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation']);

/** Address of a PostgreSQL: who misspells `sslmode` there would be connected without TLS, and not know it. */
export function postgresUrl(description: string): Variable<string | undefined> {
  const { read, ...address } = url(['postgres:', 'postgresql:'], undefined, description);
  return {
    ...address,
    read: (name, raw) => {
      const found = read(name, raw);
      const unheeded = [...new URL(raw).searchParams.keys()].filter(
        (parameter) => /^ssl/i.test(parameter) && !TLS_PARAMETERS.has(parameter),
      );
      if (unheeded.length === 0) return found;
      throw new CodedError(
        'config-invalid',
        `environment variable ${name} has parameters that would not be heeded: ${unheeded.join(', ')}; there are ${[...TLS_PARAMETERS].join(', ')}`,
        { details: { variable: name } },
      );
    },
  };
}
