import { spawn } from 'node:child_process';

/**
 * Waits for the end of its standard input, which comes when the process that holds the other end is gone, however it
 * went. A line before that means a proper stop, and nothing to do.
 */
const SCRIPT = `
read -r line && exit 0
kill -s "$3" "$1" 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" 2>/dev/null || break; sleep 0.5; done
kill -KILL "$1" 2>/dev/null
rm -rf -- "$2"
`;

/** A server that must not outlive its owner: `signal` asks it to end, SIGKILL follows after five seconds. */
interface Guarded {
  pid: number;
  directory: string;
  signal: 'TERM' | 'INT';
}

/**
 * Sees to it that a server and its directory do not outlive this process, not even after kill -9 of it.
 * Returns the function that ends the watch after a proper stop.
 */
export function guardServer({ pid, directory, signal }: Guarded): () => void {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'guard', String(pid), directory, signal], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  guard.stdin.on('error', () => guard.kill());
  return () => guard.stdin.end('stopped\n');
}
