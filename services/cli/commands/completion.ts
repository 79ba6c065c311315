import type { Command } from 'commander';
import { checkWord } from '../../../libs/provisioning/value.ts';
import type { CommandContext } from '../command-context.ts';
import { completionScript, SHELLS, wordsOf } from '../completion.ts';

/** `switchfleet completion bash` */
export function defineCompletionCommand(program: Command, { output }: CommandContext): void {
  program
    .command('completion')
    .description('a script that completes this command in a shell; its first lines say where it belongs')
    .argument('<shell>', SHELLS.join(', '))
    .action((word: string) => {
      const shell = checkWord('shell', word, SHELLS);
      const script = completionScript(shell, wordsOf(program));
      output.result(script, { shell, script });
    });
}
