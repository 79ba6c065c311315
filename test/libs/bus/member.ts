import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MemberOrder, MemberReport } from './member-process.ts';
import { until } from './recorder.ts';
import type { TestEnvironment } from './test-bus.ts';

const PROGRAM = fileURLToPath(new URL('./member-process.ts', import.meta.url));

/** A member of the bus that is a process of its own, to be killed or frozen. */
export interface Member {
  readonly reports: readonly MemberReport[];
  order(order: MemberOrder): void;
  /** SIGKILL: dies without a goodbye. */
  kill(): Promise<void>;
  freeze(): void;
  resume(): void;
  /** Resolves when the process is gone. */
  readonly gone: Promise<unknown>;
}

/** Starts a member process and waits until its bus is open. */
export async function startMember(environment: TestEnvironment): Promise<Member> {
  const child: ChildProcess = fork(PROGRAM, [JSON.stringify(environment)]);
  const reports: MemberReport[] = [];
  const gone = once(child, 'exit');
  child.on('message', (message: MemberReport) => reports.push(message));
  const member: Member = {
    reports,
    order: (order) => void child.send(order),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    freeze: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    gone,
  };
  await until(() => reports.length > 0 || child.exitCode !== null, 'a member process is ready');
  return member;
}

/** The batches that a member process was given. */
export function batchesOf(member: Member): Extract<MemberReport, { saw: 'batch' }>[] {
  return member.reports.filter((report) => report.saw === 'batch');
}
