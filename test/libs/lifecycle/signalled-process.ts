import { setTimeout as sleep } from 'node:timers/promises';
import { createClock } from '../../../libs/clock/clock.ts';
import { runProcess } from '../../../libs/lifecycle/run-process.ts';

/** A process whose start or stop never ends, or ends well, as its argument says; it may take 500 ms from the signal to the end. */
const [what] = process.argv.slice(2);
const forEver = () => sleep(3_600_000, undefined);

// what a service's listeners do
setInterval(() => undefined, 60_000);
await runProcess(
  async (signal) => {
    process.stdout.write('starting\n');
    if (what === 'start-hangs') await forEver();
    if (what === 'start-waits') await createClock().sleep(3_600_000, signal);
    if (what === 'start-fails') throw new Error('no such thing');
    process.stdout.write('started\n');
    return {
      stop: async () => {
        if (what === 'stop-hangs') await forEver();
        if (what === 'stop-fails') throw new Error('cannot flush');
        process.stdout.write('stopped\n');
      },
    };
  },
  { graceMs: 500 },
);
