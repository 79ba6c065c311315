import type { Command } from 'commander';
import type { CommandContext } from '../../command-context.ts';
import { defineDictionaryCommand } from './dictionary.ts';
import { defineImportCommand } from './import.ts';
import { defineRebuildCommand } from './rebuild.ts';
import { defineRejectsCommand } from './rejects.ts';
import { defineRetentionCommand } from './retention.ts';
import { defineShowCommand } from './show.ts';

/** `switchfleet cdr …`; alone, `switchfleet cdr` runs the service of that name. */
export function defineCdrCommands(program: Command, context: CommandContext): void {
  const cdr = program.commands.find((command) => command.name() === 'cdr') ?? program.command('cdr');
  defineShowCommand(cdr, context);
  defineRejectsCommand(cdr, context);
  defineImportCommand(cdr, context);
  defineRebuildCommand(cdr, context);
  defineRetentionCommand(cdr, context);
  defineDictionaryCommand(cdr, context);
}
