/** What a token may do, each more than the one before: look at calls and reports; configure; give out tokens. */
export const ROLES = ['analyst', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Whether a role may do what is open to another one. */
export function includesRole(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
