import { createHash } from 'node:crypto';

/** What is stored of a SIP password: RFC 2617's A1, and Kamailio's second form of it. Secrets themselves. */
export interface Digests {
  ha1: string;
  /** for phones that write their domain into the user name */
  ha1b: string;
}

export function digestsOf({
  user,
  domain,
  password,
}: {
  user: string;
  domain: string;
  password: string;
}): Digests {
  return {
    ha1: md5(`${user}:${domain}:${password}`),
    ha1b: md5(`${user}@${domain}:${domain}:${password}`),
  };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
