import { Command } from 'commander';
import { readVersion } from '../../libs/lifecycle/version.ts';
import type { CommandContext } from './command-context.ts';
import { defineAuditCommand } from './commands/audit.ts';
import { defineBackupCommand } from './commands/backup.ts';
import { defineCallsCommand } from './commands/calls/calls.ts';
import { defineCdrCommands } from './commands/cdr/cdr.ts';
import { defineCompletionCommand } from './commands/completion.ts';
import { defineDidCommand } from './commands/did.ts';
import { defineDoctorCommand } from './commands/doctor/doctor.ts';
import { defineDomainCommand } from './commands/domain.ts';
import { defineGroupCommand } from './commands/group.ts';
import { defineKamailioCommands } from './commands/kamailio.ts';
import { defineMigrateCommand } from './commands/migrate.ts';
import { defineNodeCommand } from './commands/node.ts';
import { defineNodeControlCommands } from './commands/node-control.ts';
import { defineProxyCommand } from './commands/proxy.ts';
import { defineReportCommand } from './commands/report/report.ts';
import { defineResourceCommands } from './commands/resource/resource-commands.ts';
import { defineRollupCommand } from './commands/rollup.ts';
import { defineRouteCommand } from './commands/route.ts';
import { defineRunCommands } from './commands/run.ts';
import { defineTokenCommand } from './commands/token.ts';
import { defineTopCommand } from './commands/top.ts';
import { defineUserCommand } from './commands/user.ts';

/** The whole command line, not yet parsed. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('switchfleet');
  program
    .description('One backend for a fleet of FreeSWITCH servers behind Kamailio')
    .version(readVersion(), '--version', 'print the version')
    .option('--json', 'print JSON lines instead of text and tables')
    .hook('preAction', () => {
      if (program.opts<{ json?: boolean }>().json) context.output.useJson();
    });
  defineMigrateCommand(program, context);
  defineBackupCommand(program, context);
  defineUserCommand(program, context);
  defineDomainCommand(program, context);
  defineGroupCommand(program, context);
  defineDidCommand(program, context);
  defineNodeCommand(program, context);
  defineNodeControlCommands(program, context);
  defineProxyCommand(program, context);
  defineKamailioCommands(program, context);
  defineRouteCommand(program, context);
  defineCallsCommand(program, context);
  defineRollupCommand(program, context);
  defineTokenCommand(program, context);
  defineResourceCommands(program, context);
  defineReportCommand(program, context);
  defineAuditCommand(program, context);
  defineCompletionCommand(program, context);
  defineDoctorCommand(program, context);
  defineTopCommand(program, context);
  defineRunCommands(program);
  defineCdrCommands(program, context);
  return program;
}
