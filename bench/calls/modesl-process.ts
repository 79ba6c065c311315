import modesl from 'modesl';
import { subscribeCommand } from '../../services/collector/subscription.ts';
import { answerQuestions } from '../main/sender.ts';

/** Bare modesl: receives the events of a node as JSON, and does nothing with them but count. */
export type Modesl = {
  connect: { asks: { host: string; port: number; password: string }; answers: null };
  received: { asks: undefined; answers: { events: number; cpuSeconds: number } };
};

let events = 0;

function connect({ host, port, password }: Modesl['connect']['asks']): Promise<null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const connection = new modesl.Connection(host, port, password);
  connection.on('esl::event::**', (event: unknown) => {
    if (event instanceof modesl.Event && event.getHeader('Unique-ID') !== null) events += 1;
  });
  connection.once('esl::ready', () => connection.sendRecv(subscribeCommand(), () => resolve(null)));
  return promise;
}

answerQuestions<Modesl>({
  connect,
  received: () => {
    const { user, system } = process.cpuUsage();
    return { events, cpuSeconds: (user + system) / 1e6 };
  },
});
