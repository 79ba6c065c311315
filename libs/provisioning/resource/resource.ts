import type { ClientBase } from 'pg';
import type { Type } from 'typebox';
import type { SecretBox } from '../../sealing/secret-box.ts';
import type { Role } from '../role.ts';

/** A value of the api, as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
/** A thing as the api takes or shows it: values by the names of fields. */
export type Item = Readonly<Record<string, Json>>;

/** Who changes something, and with what. */
export interface Author {
  /** for the audit log */
  actor: string;
  role: Role;
  /** undefined: the whole fleet */
  tenant: string | undefined;
  address?: string | undefined;
  /** @throws CodedError `secrets-key-missing` */
  box(): SecretBox;
}

/** What a field's rules may ask. */
export interface FieldContext {
  /** name of the field, for messages */
  field: string;
  author: Author;
  /** as it is stored; undefined: it is new */
  before: Item | undefined;
  /** as it will be: `before` with what was given; key fields are checked already */
  after: Item;
}

/** One field of a resource. */
export interface Field {
  /** what the api shows and takes */
  schema: Type.TSchema;
  /** SQL that gives the value, `t.` being the table; `t.<name>` by default */
  read?: string;
  /** `read-only`: the database makes it; `secret`: taken and never shown */
  kind?: 'read-only' | 'secret';
  /** must be given when a thing is made */
  isRequired?: boolean;
  /** what a new or replaced thing has when nothing is given */
  default?: Json;
  /** only tokens of the whole fleet may set it: it reaches beyond a tenant */
  isFleetOnly?: boolean;
  /** changes without anybody's doing, so it is no part of the version */
  isLive?: boolean;
  /** cannot be changed afterwards */
  isFixed?: boolean;
  /** the rule in the field's terms, giving the value to store. @throws CodedError `value-refused` */
  check?: (value: Json, context: FieldContext) => Json;
  /** columns that the checked value is stored in; one of the field's name by default, none where `write` does it */
  columns?: (value: Json, context: FieldContext) => Record<string, Json>;
  /** stores what stands in a table of its own, after the row */
  write?: (client: ClientBase, value: Json, item: Item) => Promise<void>;
  /** may be asked for: `?field=value` */
  isFilter?: boolean;
  /** may be sorted by; its SQL type. Only for what is never null */
  sortType?: 'text' | 'integer' | 'bigint' | 'timestamptz';
}

/** Whose a thing is: SQL conditions on `t.` with the tenant's name as the parameter given. */
export type TenantRule = 'fleet' | ((parameter: string) => string);

/** What people configure, as the api, the CLI and imports serve it. */
export interface Resource {
  /** as in paths: `trunk-routes` */
  name: string;
  /** name of its schema: `TrunkRoute` */
  title: string;
  /** heading of the document */
  tag: 'users' | 'routing' | 'fleet' | 'access';
  /** for people: one, and many */
  words: readonly [one: string, many: string];
  table: string;
  /** fields that name one, in the order of the path; matched without regard to case where `isCaseless` */
  key: readonly { field: string; isCaseless?: boolean }[];
  fields: Readonly<Record<string, Field>>;
  tenant: TenantRule;
  /** SQL that gives whose a row is, for the audit log; the fleet's by default */
  owner?: string;
  /** SQL that names what would be lost with a row, so that it is not deleted before */
  usedBy?: string;
  /** who may look, and who may change: a role, and whether tenants may */
  read: { role: Role; tenant: 'own' | 'fleet' };
  write: { role: Role; tenant: 'own' | 'fleet' };
  /** columns that `?q=` looks into */
  search?: readonly string[];
  /** has import and export as CSV */
  isBulk?: boolean;
  /** before keys are looked up: what depends on other things, for many at a time. @throws CodedError `value-refused` by item */
  prepare?: (client: ClientBase, items: readonly Item[], author: Author) => Promise<PreparedItem[]>;
  /** after rows are stored: rules that need other tables. @throws CodedError `value-refused` */
  confirm?: (client: ClientBase, item: Item, author: Author) => Promise<void>;
  /** what a new thing is given beside what was said: columns, and secrets that are shown once */
  make?: (item: Item, author: Author) => { columns: Record<string, Json>; shown: Record<string, Json> };
  /** what is told once: part of the answer to a create */
  shown?: Record<string, Type.TSchema>;
}

export type PreparedItem = Item | Error;
