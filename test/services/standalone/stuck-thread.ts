import { parentPort } from 'node:worker_threads';
import type { CdrNews } from '../../../services/standalone/cdr-messages.ts';

/** Stands for a thread of service cdr that starts, says once how it is, and then hears and says nothing any more. */
const tell = (news: CdrNews) => parentPort?.postMessage(news);
tell({ is: 'health', health: { ready: true, reasons: [] } });
tell({ is: 'started', port: 1 });
setImmediate(() => {
  for (;;);
});
