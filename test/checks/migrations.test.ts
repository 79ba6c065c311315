import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findContractions } from '../../checks/migrations.ts';

const MODULES = [
  { path: 'libs/store/leg.sql.ts', text: 'select node, mos from legs join old_view using (uuid)' },
];
const found = (text: string) => findContractions([{ path: '0099_x.sql', text }], MODULES).length;

for (const sql of [
  'drop table legs;',
  'DROP TABLE IF EXISTS public.legs;',
  'create index a on legs (node); drop view old_view',
  'alter table calls add column b text, drop column if exists mos;',
  'alter table legs rename to legs_2;',
  'alter table legs rename column node to server;',
  'alter table legs rename node to server;',
  "-- it's gone\ndrop table legs;",
]) {
  test(`a migration may not: ${JSON.stringify(sql)}`, () => assert.equal(found(sql), 1));
}

for (const sql of [
  'drop table forgotten;',
  'drop index legs; alter table legs drop constraint mos;',
  '-- contract step: no release since 0.3 reads it\ndrop table legs;',
  'drop view old_view; create view old_view as select 1;',
  "comment on table legs is 'drop table legs;';",
  'create function f() returns void language sql as $body$ drop table legs; $body$;',
  '/* drop table legs; */ select 1;',
]) {
  test(`a migration may: ${JSON.stringify(sql)}`, () => assert.equal(found(sql), 0));
}
