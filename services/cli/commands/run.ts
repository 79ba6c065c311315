import type { Command } from 'commander';
import { CodedError } from '../../../libs/errors/coded-error.ts';

/** Services that the command runs, and what each is for. */
const SERVICES = {
  standalone: 'all services in one process',
  directory: 'answers mod_xml_curl',
  routing: 'answers Kamailio',
  cdr: 'takes CDRs in',
  writer: 'writes CDRs to the store',
  collector: 'follows the event sockets of all nodes',
  merger: 'builds legs and calls',
  api: 'HTTP API and console',
} as const;

/** `switchfleet directory` and its like: run one service in the foreground, configured by the environment. */
export function defineRunCommands(program: Command): void {
  for (const [name, description] of Object.entries(SERVICES)) {
    program
      .command(name)
      .description(`run the service ${name}: ${description}`)
      .action(() => runService(name));
  }
}

async function runService(name: string): Promise<void> {
  // What cannot be printed ends a command. A service works all the same, whoever reads it.
  process.stdout.removeAllListeners('error').on('error', () => undefined);
  try {
    await import(new URL(`../../${name}/main.ts`, import.meta.url).href);
  } catch (cause) {
    throw new CodedError('service-failed', `service ${name} cannot be loaded`, { cause });
  }
}
