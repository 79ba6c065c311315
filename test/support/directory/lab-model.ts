import type { RegistrationRow } from '../../../libs/routing/tables/registrations.ts';
import type { SnapshotRow } from '../../../libs/snapshot/table.ts';
import type { DidRow } from '../../../libs/snapshot/tables/did-routing.ts';
import type { DomainRow } from '../../../libs/snapshot/tables/domains.ts';
import type { GatewayRow } from '../../../libs/snapshot/tables/gateways.ts';
import type { GroupMemberRow, GroupRow } from '../../../libs/snapshot/tables/groups.ts';
import type { NodeRow } from '../../../libs/snapshot/tables/nodes.ts';
import type { ProxyHostRow } from '../../../libs/snapshot/tables/proxies.ts';
import type { UserRow } from '../../../libs/snapshot/tables/users.ts';
import {
  createDirectoryModel,
  type DirectoryModel,
} from '../../../services/directory/model/directory-model.ts';

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
    allowed_cidrs: null,
    vm_enabled: true,
    vm_a1_hash: null,
    vm_may_change_password: true,
    vm_mailto: null,
    reverse_auth_user: null,
    reverse_auth_password_encrypted: null,
    esl_password_encrypted: null,
    esl_allowed_log: false,
    esl_allowed_events: 'none',
    esl_allowed_api: 'none',
    vm_settings: null,
    params: null,
    variables: null,
    ...values,
  };
}

/** A node of the fleet at an address of its own. */
export function nodeRow(name: string, address: string, values: Partial<NodeRow> = {}): NodeRow {
  return {
    domain: null,
    key: name,
    esl_host: address,
    esl_address: null,
    sip_uri: `sip:${address}:5060`,
    sip_profile: 'internal',
    region: null,
    max_sessions: null,
    state: 'active',
    http_password_hash: null,
    ...values,
  };
}

/** A DID that is always open. */
export function didRow(did: string, domain: string, values: Partial<DidRow> = {}): DidRow {
  return {
    domain,
    key: did,
    dest_type: 'extension',
    destination: '1001',
    priority: 0,
    active: true,
    time_zone: null,
    windows: null,
    fail_forward: null,
    ...values,
  };
}

/** A trunk that a node registers with its carrier. */
export function gatewayRow(name: string, node: string, values: Partial<GatewayRow> = {}): GatewayRow {
  return {
    domain: null,
    key: name,
    tenant: null,
    host: 'carrier.example',
    port: 5060,
    transport: 'udp',
    auth_username: null,
    auth_password_encrypted: null,
    auth_realm: null,
    registers_on: node,
    sip_profile: null,
    ...values,
  };
}

/** Where a user is registered; the higher the time, the later. */
export function registrationRow(user: string, domain: string, node: string, us = 1): RegistrationRow {
  return { domain, key: user, node, registered_us: String(us) };
}

/** A model filled with rows, as a load fills it. */
export function directoryModelOf(rows: {
  domains?: readonly DomainRow[];
  users?: readonly UserRow[];
  groups?: readonly GroupRow[];
  group_members?: readonly GroupMemberRow[];
  nodes?: readonly NodeRow[];
  proxies?: readonly ProxyHostRow[];
  trunks?: readonly GatewayRow[];
  did_routing?: readonly DidRow[];
  registrations?: readonly RegistrationRow[];
}): DirectoryModel {
  const model = createDirectoryModel();
  for (const { table, put } of model.handlers) {
    const given: Partial<Record<string, readonly SnapshotRow[]>> = rows;
    put(given[table.name] ?? []);
  }
  return model;
}

/** The users that the lab's own directory knew: it answered 1999 with "not found". */
export function labModel(): DirectoryModel {
  const ids = ['1000', '1001', '1002', '1003', '1004', '1005'];
  return directoryModelOf({
    domains: [domainRow('lab.test')],
    users: ids.map((id) =>
      userRow(id, 'lab.test', {
        caller_id_name: `User ${id}`,
        caller_id_number: id,
        accountcode: `acct-${id}`,
        context: 'from-kamailio',
      }),
    ),
  });
}
