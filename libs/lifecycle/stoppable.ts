/** Anything that runs until it is stopped. `stop` resolves when nothing of it is left running. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** A service as every `service.ts` makes it. `start` resolves when it works; `health` may be asked at any time after that. */
export interface Service extends Stoppable {
  readonly name: string;
  /** the HTTP port it took, once started: the configured one may be 0 */
  readonly port?: number;
  start(): Promise<void>;
  health(): Health;
  /** what `service_status` shows beside its health */
  figures?(): Promise<Partial<ServiceFigures>>;
}

/** How far a service is behind; null where that means nothing. */
export interface ServiceFigures {
  /** records still to apply */
  lagRecords: number | null;
  /** age of the oldest of them */
  lagSeconds: number | null;
  /** age of the snapshot it answers from */
  snapshotAgeSeconds: number | null;
  /** the lag of each partition that it has */
  partitionLags?: readonly PartitionLag[];
}

/** How far one partition is behind. */
export interface PartitionLag {
  topic: string;
  partition: number;
  records: number;
  seconds: number;
}

/** `ready` decides whether traffic should come here; `reasons` say why not; `details` go to `/health/ready` and `service_status`. */
export interface Health {
  ready: boolean;
  reasons: string[];
  details?: Record<string, unknown>;
}

/** Stops in reverse order of starting, all of them even when one fails. @throws AggregateError of what failed */
export async function stopAll(parts: readonly Stoppable[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts.toReversed()) {
    try {
      await part.stop();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'could not stop cleanly');
}
