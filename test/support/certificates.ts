import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Testing } from './stack/test-database.ts';

/** Files of a certificate and its key. */
export interface Issued {
  certificate: string;
  key: string;
}

/** A certificate authority of one test, made by openssl. */
export interface Authority {
  /** file of its own certificate */
  certificate: string;
  folder: string;
  /** Signs a certificate for a name, for localhost and for 127.0.0.1 (or only for the name), for servers and clients. */
  issue(name: string, options?: { days?: number; isLocal?: boolean }): Issued;
}

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function createAuthority(t: Pick<Testing, 'after'>): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [certificate, key] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
  openssl('req', '-x509', ...KEY, '-keyout', key, '-out', certificate, '-days', '30', '-subj', '/CN=Test CA');
  let issued = 0;
  return {
    certificate,
    folder,
    issue: (name, { days = 20, isLocal = true } = {}) => {
      issued += 1;
      const own = join(folder, `${name}-${issued}`);
      const extensions = `${own}.ext`;
      writeFileSync(
        extensions,
        `subjectAltName=DNS:${name}${isLocal ? ',DNS:localhost,IP:127.0.0.1' : ''}\nextendedKeyUsage=serverAuth,clientAuth\n`,
      );
      openssl('req', ...KEY, '-keyout', `${own}.key`, '-out', `${own}.csr`, '-subj', `/CN=${name}`);
      const signing = ['-CA', certificate, '-CAkey', key, '-CAcreateserial', '-extfile', extensions];
      openssl('x509', '-req', '-in', `${own}.csr`, ...signing, '-out', `${own}.crt`, '-days', String(days));
      return { certificate: `${own}.crt`, key: `${own}.key` };
    },
  };
}
