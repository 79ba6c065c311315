import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire, but for its date. */
export interface RawAnswer {
  status: number;
  headers: string[];
  body: string;
}

const WAIT_MS = 10_000;

/** Sends parts of one or more requests as they are and gives the answers, of which there must be `count`. */
export async function exchange(
  port: number,
  parts: string | readonly string[],
  count = 1,
): Promise<RawAnswer[]> {
  const socket = await openSocket(port);
  try {
    const answers = readAnswers(socket, count);
    for (const part of [parts].flat()) {
      socket.write(part);
      // so that the next part is a packet of its own
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return await answers;
  } finally {
    socket.destroy();
  }
}

/** A connection to a server on this machine. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Reads so many answers from a connection. @throws Error when it ends or says nothing for long before that */
export function readAnswers(socket: Socket, count: number): Promise<RawAnswer[]> {
  return new Promise((resolve, reject) => {
    const answers: RawAnswer[] = [];
    let pending = '';
    const timer = setTimeout(() => reject(new Error(`no answer, only: ${pending}`)), WAIT_MS);
    const settle = (done: () => void) => {
      clearTimeout(timer);
      done();
    };
    socket.on('data', (data: Buffer) => {
      pending += data.toString('latin1');
      for (;;) {
        const read = cutAnswer(pending);
        if (read === undefined) return;
        pending = pending.slice(read.length);
        if (read.answer.status >= 200) answers.push(read.answer);
        if (answers.length === count) settle(() => resolve(answers));
      }
    });
    socket.once('error', (error) => settle(() => reject(error)));
    socket.once('close', () => settle(() => reject(new Error(`closed after ${answers.length} answers`))));
  });
}

function cutAnswer(text: string): { answer: RawAnswer; length: number } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line = '', ...headers] = text.slice(0, end).split('\r\n');
  const told = headers.find((header) => /^content-length:/i.test(header));
  const length = end + 4 + Number(told?.split(':')[1] ?? 0);
  if (text.length < length) return undefined;
  const kept = headers.filter((header) => !/^date:/i.test(header)).map((header) => header.toLowerCase());
  const status = Number(line.split(' ')[1]);
  return { answer: { status, headers: kept.sort(), body: text.slice(end + 4, length) }, length };
}
