import { codeOf } from '../../../../libs/errors/coded-error.ts';
import {
  type StandaloneLock,
  takeStandaloneLock,
} from '../../../../libs/postgres/embedded/standalone-lock.ts';

/** A process that takes the lock of each directory it is told, answers `taken` or the code of the refusal, and gives it up when told `release`. */
let lock: StandaloneLock | undefined;

process.on('message', async (message: { take: string } | 'release') => {
  if (message === 'release') {
    await lock?.release();
    lock = undefined;
    process.send?.('released');
    return;
  }
  try {
    lock = await takeStandaloneLock(message.take);
    process.send?.('taken');
  } catch (error) {
    process.send?.(codeOf(error));
  }
});
process.send?.('up');
