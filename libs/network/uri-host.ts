/** A host as it stands in a URI or before a port: an IPv6 address in brackets (RFC 3986, section 3.2.2). */
export function hostInUri(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
