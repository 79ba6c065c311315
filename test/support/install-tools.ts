import { installValidator } from './kubernetes/schemas.ts';
import { installSchemathesis } from './schemathesis/schemathesis.ts';

/**
 * `node test/support/install-tools.ts`: fetches the Python tools of two tests ahead of them, beside other work. What cannot
 * be fetched is no failure here: the test that needs it tries again, and says what is missing.
 */
await Promise.allSettled([installValidator(), installSchemathesis()]);
