-- Who is signed in to the console. The browser holds a random secret; this table holds its SHA-256, and the token that
-- was signed in with, sealed by a key of that secret: who reads the table has neither.

create table console_sessions (
  hash         text primary key,
  kind         text not null check (kind in ('session', 'link')),
  sealed_token text not null,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz not null
);

create index console_sessions_by_age on console_sessions (created_at);

comment on table console_sessions is 'Sessions of the console, and links that open one once';
comment on column console_sessions.hash is 'SHA-256 of the secret in the cookie or in the link';
comment on column console_sessions.sealed_token is 'the token, encrypted with the secret (AES-256-GCM)';
