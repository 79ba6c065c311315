import { checked, url, type Variable } from './variable.ts';

/** Of libpq's parameters of TLS, those that the driver heeds (pg-connection-string): it passes over all others. */
const TLS_PARAMETERS = new Set(['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation']);

/** Address of a PostgreSQL: who misspells `sslmode` there would be connected without TLS, and not know it. */
export function postgresUrl(description: string): Variable<string | undefined> {
  return checked(
    url(['postgres:', 'postgresql:'], undefined, description),
    (address = '') => [...(URL.parse(address)?.searchParams.keys() ?? [])].every(isHeeded),
    `an address with no parameters of TLS but ${[...TLS_PARAMETERS].join(', ')}: others would be passed over`,
  );
}

function isHeeded(parameter: string): boolean {
  return !/^ssl/i.test(parameter) || TLS_PARAMETERS.has(parameter);
}
