/** What is dialled most: a number or name that stands for itself. */
const PLAIN_USER = /^[+0-9A-Za-z_.-]*$/;

/** `sip:1001@a.example;user=phone` → `1001`; a bare user stays as it is. Escapes of RFC 3261 are taken out. */
export function userOf(address: string): string {
  if (PLAIN_USER.test(address)) return address;
  const bare = inBrackets(address);
  const scheme = /^(?:sips?|tel):/i.exec(bare)?.[0];
  const rest = scheme === undefined ? bare : bare.slice(scheme.length);
  const at = rest.indexOf('@');
  // Without a scheme the text may be a bare user; with one and no user part there is only a host.
  const user = at >= 0 ? rest.slice(0, at) : scheme === undefined || /^tel:/i.test(scheme) ? rest : '';
  return unescaped(user.split(/[;:]/)[0] ?? '');
}

/** `sip:1001@A.Example:5060;user=phone` → `a.example`; undefined for a bare user. */
export function hostOf(address: string): string | undefined {
  const bare = inBrackets(address);
  const at = bare.indexOf('@');
  if (at < 0) return undefined;
  const host = /^(\[[^\]]*\]|[^;:?>]*)/.exec(bare.slice(at + 1))?.[1]?.toLowerCase();
  return host === '' ? undefined : host;
}

function inBrackets(address: string): string {
  return /<([^>]*)>/.exec(address)?.[1] ?? address;
}

function unescaped(user: string): string {
  if (!user.includes('%')) return user;
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}
