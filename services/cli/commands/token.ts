import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { audited } from '../../../libs/provisioning/resource/audited.ts';
import { TOKENS } from '../../../libs/provisioning/resources/tokens.ts';
import { ROLES } from '../../../libs/provisioning/role.ts';
import { readTokens, type TokenOverview } from '../../../libs/provisioning/tokens.sql.ts';
import { createToken, revokeToken } from '../../../libs/provisioning/tokens.ts';
import { checkInteger } from '../../../libs/provisioning/value.ts';
import type { CommandContext } from '../command-context.ts';
import { commandAuthor } from './resource/author.ts';

interface CreateOptions {
  role: string;
  tenant?: string;
  days?: string;
}

const COLUMNS = ['name', 'role', 'tenant', 'state', 'expires', 'last_used', 'created', 'created_by'];

/** `switchfleet token …` */
export function defineTokenCommand(program: Command, context: CommandContext): void {
  const token = program.command('token').description('tokens: who may ask the api');
  token
    .command('create')
    .description('make a token; it is shown only once')
    .argument('<name>', 'what it is for, such as billing')
    .option('--role <role>', `${ROLES.join(', ')}: each may do more than the one before`, 'analyst')
    .option('--tenant <tenant>', "only this tenant's data; without it, the whole fleet's")
    .option('--days <number>', 'how long it lives; without it, until it is revoked')
    .action((name: string, options: CreateOptions) => create(context, name, options));
  token
    .command('list')
    .description('all tokens, and when each was used last')
    .action(() => list(context));
  token
    .command('revoke')
    .description('end a token; every api refuses it within a second')
    .argument('<name>')
    .action((name: string) => revoke(context, name));
}

async function create(context: CommandContext, name: string, options: CreateOptions): Promise<void> {
  const { role, tenant, days } = options;
  const expiresInDays = days === undefined ? undefined : checkInteger('days', days, { min: 1, max: 3_650 });
  const wanted = { name, role, tenant, expiresInDays, createdBy: userInfo().username };
  const note = { resource: TOKENS, author: await commandAuthor(context), after: () => ({ name }) };
  const { token, expiresAt } = await context.withDatabase(({ write }) =>
    audited(write, note, (client) => createToken(client, wanted)),
  );
  const until = expiresAt === null ? 'until it is revoked' : `until ${expiresAt.toISOString()}`;
  context.output.result(
    `made token ${name} (${role}, ${tenant ?? 'whole fleet'}), good ${until}, shown only now:\n${token}`,
    {
      name,
      role,
      tenant: tenant ?? null,
      expires_at: expiresAt,
      token,
    },
  );
}

async function list(context: CommandContext): Promise<void> {
  const tokens = await context.withDatabase(({ write }) => readTokens(write));
  context.output.table(COLUMNS, tokens, toRow);
}

async function revoke(context: CommandContext, name: string): Promise<void> {
  const key = { name };
  const author = await commandAuthor(context);
  const note = { resource: TOKENS, author, action: 'revoke', before: key, after: () => key };
  await context.withDatabase(({ write }) => audited(write, note, (client) => revokeToken(client, name)));
  context.output.result(`revoked token ${name}`, { name });
}

function toRow(token: TokenOverview): Record<string, unknown> {
  const isOver = token.expires_at !== null && token.expires_at.getTime() < Date.now();
  return {
    name: token.name,
    role: token.role,
    tenant: token.tenant ?? '(fleet)',
    state: token.revoked_at !== null ? 'revoked' : isOver ? 'expired' : 'good',
    expires: token.expires_at?.toISOString(),
    last_used: token.last_used_at?.toISOString(),
    created: token.created_at.toISOString(),
    created_by: token.created_by,
  };
}
