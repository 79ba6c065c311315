#!/usr/bin/env node
import { type Command, CommanderError } from 'commander';
import { loadConfig } from '../../libs/config/config.ts';
import { CodedError, codeOf, messageOf } from '../../libs/errors/coded-error.ts';
import { createContext } from './context.ts';
import { plainLines } from './plain-text.ts';
import { createProgram } from './program.ts';

/** 128 and SIGPIPE, as shells have it. */
const PIPE_CLOSED = 141;

process.stdout.on('error', (error) => {
  // `switchfleet user list | head` has read enough: that is no failure to tell of, and nobody reads the rest
  if (codeOf(error) === 'EPIPE') process.exit(PIPE_CLOSED);
  // into a file, on a disk that is full: what is there is not all
  process.exit(exitCodeOf(new CodedError('output-unwritable', 'the output is cut off', { cause: error })));
});

/** 1: it could not be done; 2: the command line was wrong. */
try {
  const context = createContext(loadConfig(), { out: process.stdout, err: process.stderr });
  const program = createProgram(context);
  for (const command of withSubcommands(program)) command.exitOverride();
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function exitCodeOf(error: unknown): number {
  // commander has printed its own message by now; help and version end that way too, with code 0
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const code = error instanceof CodedError ? ` (${error.code})` : '';
  process.stderr.write(`switchfleet: ${plainLines(messageOf(error))}${code}\n`);
  return 1;
}
