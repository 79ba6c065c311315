import type { LoadView } from './load/load-view.ts';
import type { RoutingModel } from './routing-model.ts';

/** What a decision is made from: all of it, so that the same state and question give the same answer. */
export interface RoutingState {
  model: RoutingModel;
  load: LoadView;
  /** microseconds since 1970 */
  nowUs: number;
  /** draws the order among equals for a call without an id */
  seed: string;
}
