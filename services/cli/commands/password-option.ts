import { text } from 'node:stream/consumers';

/** What `--password` or `--password-stdin` says, without the line's end; undefined: neither. */
export async function readPassword(options: {
  password?: string;
  passwordStdin?: boolean;
}): Promise<string | undefined> {
  return options.passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : options.password;
}
