/** Whose a thing with a domain is: the domain's tenant's. */
export const ofDomain = (parameter: string): string =>
  `t.domain in (select d.name from domains d where d.tenant = ${parameter})`;

export const ownerOfDomain = '(select d.tenant from domains d where d.name = t.domain)';
