import { Type } from 'typebox';
import { deleteMembers, insertMembers, readMembers } from '../groups.sql.ts';
import { domain, name, pairs } from '../resource/fields.ts';
import { refuse } from '../resource/refusal.ts';
import type { Resource } from '../resource/resource.ts';
import { ofDomain, ownerOfDomain } from './of-domain.ts';

/** Users that ring together. */
export const GROUPS: Resource = {
  name: 'groups',
  title: 'Group',
  tag: 'users',
  words: ['group', 'groups'],
  table: 'groups',
  key: [{ field: 'domain' }, { field: 'name', isCaseless: true }],
  fields: {
    domain: domain({ isRequired: true, isFixed: true }),
    name: name({ isRequired: true, isFixed: true }),
    members: {
      schema: Type.Array(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$' }), {
        maxItems: 1000,
        description: 'ids of users of the same domain, in their order',
      }),
      default: [],
      read: `(select coalesce(json_agg(m.user_id order by m.position, m.user_id), '[]') from group_members m
        where m.domain = t.domain and m.group_name = t.name)`,
      write: async (client, value, item) => {
        const group = { domain: String(item['domain']), name: String(item['name']) };
        const users = value as string[];
        await deleteMembers(client, { ...group, users: await readMembers(client, group) });
        const missing = await insertMembers(client, { ...group, users });
        if (missing.length > 0) {
          throw refuse({
            field: 'members',
            reason: `there is no user ${missing.join(', ')} in ${group.domain}`,
          });
        }
      },
    },
    params: pairs('param'),
    variables: pairs('variable'),
  },
  tenant: ofDomain,
  owner: ownerOfDomain,
  read: { role: 'operator', tenant: 'own' },
  write: { role: 'operator', tenant: 'own' },
  search: ['name'],
  isBulk: true,
};
