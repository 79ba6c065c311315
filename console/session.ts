import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './api/client.ts';
import type { Access } from './api/contract.ts';
import type { Role } from './api/shapes.ts';

/** Who is signed in, and how to ask for them. */
export interface SignedIn {
  api: Api;
  access: Access;
  /** shows the sign-in page */
  leave: () => void;
}

export const SessionContext = createContext<SignedIn | undefined>(undefined);

export function useSession(): SignedIn {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('nobody is signed in here');
  return session;
}

const ROLES: readonly Role[] = ['analyst', 'operator', 'admin'];

/** Whether somebody may do what needs a role, on the whole fleet or in their own tenant's part. */
export function mayDo({ role, tenant }: Access, needed: Role, part: 'own' | 'fleet' = 'own'): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed) && (part === 'own' || tenant === null);
}
