import type { Command } from 'commander';
import { type AuditRow, readAudit } from '../../../libs/provisioning/audit.sql.ts';
import { checkInteger } from '../../../libs/provisioning/value.ts';
import type { CommandContext } from '../command-context.ts';

interface AuditOptions {
  limit: string;
  actor?: string;
  resource?: string;
  key?: string;
  tenant?: string;
}

const COLUMNS = ['at', 'actor', 'action', 'resource', 'key', 'tenant', 'changed'];

/** `switchfleet audit` */
export function defineAuditCommand(program: Command, context: CommandContext): void {
  program
    .command('audit')
    .description('who changed or opened what, newest first')
    .option('--actor <name>', 'name of a token, or cli:<user>')
    .option('--resource <kind>', 'users, trunks, …')
    .option('--key <key>', 'which one, as in its path')
    .option('--tenant <tenant>', 'whose things')
    .option('--limit <number>', 'how many', '50')
    .action((options: AuditOptions) => list(context, options));
}

async function list(context: CommandContext, { limit, ...filters }: AuditOptions): Promise<void> {
  const question = { ...filters, limit: checkInteger('limit', limit, { min: 1, max: 100_000 }) };
  const rows = await context.withDatabase(({ write }) => readAudit(write, question));
  context.output.table(COLUMNS, rows, (row) => ({ ...row, changed: changedFields(row) }));
}

/** What differs, and secrets that were set. */
function changedFields({ before, after, secrets }: AuditRow): string {
  if (before === null || after === null) return secrets.join(', ');
  const names = Object.keys(after).filter(
    (name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]),
  );
  return [...names, ...secrets].join(', ');
}
