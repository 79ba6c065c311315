-- Who may ask the api: tokens with a role and, for a tenant's own people, a tenant. A token is 256 random bits, so its
-- SHA-256 is enough to know it again and of no use to who reads the table.

alter table api_tokens drop constraint api_tokens_role_check;
alter table api_tokens drop constraint api_tokens_check;
update api_tokens set role = case role when 'administrator' then 'admin' when 'viewer' then 'analyst' else 'operator' end;
alter table api_tokens add constraint api_tokens_role_check check (role in ('admin', 'operator', 'analyst'));
alter table api_tokens
  add column created_by text not null default '',
  add column revoked_at timestamptz;
comment on column api_tokens.tenant is 'NULL: the whole fleet';
comment on column api_tokens.role is 'analyst looks at calls and reports, operator configures as well, admin also gives out tokens';
comment on column api_tokens.last_used_at is 'to the minute';

-- Nothing that answers from memory holds tokens: their use must not wake directory and routing.
drop trigger api_tokens_inserted on api_tokens;
drop trigger api_tokens_updated on api_tokens;
drop trigger api_tokens_deleted on api_tokens;
drop trigger api_tokens_truncated on api_tokens;
