import type { SnapshotRow } from '../../../libs/snapshot/table.ts';
import type { DomainRow } from '../../../libs/snapshot/tables/domains.ts';
import type { NodeRow } from '../../../libs/snapshot/tables/nodes.ts';
import type { UserRow } from '../../../libs/snapshot/tables/users.ts';
import { createDirectoryModel, type DirectoryModel } from '../../../services/directory/directory-model.ts';

/** A domain row with everything at its default. */
export function domainRow(name: string, values: Partial<DomainRow> = {}): DomainRow {
  return {
    domain: name,
    key: name,
    tenant: 'default',
    enabled: true,
    country: null,
    area_code: null,
    international_prefix: '00',
    context: null,
    dial_string: null,
    cacheable_ms: null,
    node: null,
    dispatch_set: null,
    params: {},
    variables: {},
    ...values,
  };
}

/** A user row with everything at its default. */
export function userRow(userId: string, domain: string, values: Partial<UserRow> = {}): UserRow {
  return {
    domain,
    key: userId.toLowerCase(),
    user_id: userId,
    number_alias: null,
    enabled: true,
    ha1: 'd41d8cd98f00b204e9800998ecf8427e',
    caller_id_name: null,
    caller_id_number: null,
    outbound_caller_id_name: null,
    outbound_caller_id_number: null,
    accountcode: null,
    context: null,
    toll_allow: null,
    max_registrations: null,
    allowed_cidrs: [],
    vm_enabled: true,
    vm_a1_hash: null,
    vm_mailto: null,
    vm_settings: {},
    params: {},
    variables: {},
    ...values,
  };
}

/** A model filled with rows, as a load fills it. */
export function directoryModelOf(rows: {
  domains?: DomainRow[];
  users?: UserRow[];
  nodes?: NodeRow[];
}): DirectoryModel {
  const model = createDirectoryModel();
  for (const { table, put } of model.handlers) {
    const given: Partial<Record<string, SnapshotRow[]>> = rows;
    put(given[table.name] ?? []);
  }
  return model;
}

/** The users that the lab's own directory knew: it answered 1999 with "not found". */
export function labModel(): DirectoryModel {
  const ids = ['1000', '1001', '1002', '1003', '1004', '1005'];
  return directoryModelOf({
    domains: [domainRow('lab.test', { context: 'from-kamailio' })],
    users: ids.map((id) =>
      userRow(id, 'lab.test', {
        caller_id_name: `User ${id}`,
        caller_id_number: id,
        accountcode: `acct-${id}`,
      }),
    ),
  });
}
