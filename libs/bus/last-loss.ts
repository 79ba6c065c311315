import { Gauge, type Registry } from 'prom-client';

/**
 * Registers when the bus last dropped what a group had still to apply, by group; nothing of a group that lost nothing. A moment and
 * no count: who was away for longer than the bus keeps records finds them gone as it starts, before anybody has seen a count of 0.
 */
export function createLastLoss(registry: Registry): Gauge<'group'> {
  return new Gauge({
    name: 'switchfleet_bus_last_loss_timestamp_seconds',
    help: 'When records were gone from the bus before the group had applied them, seconds since 1970',
    labelNames: ['group'],
    registers: [registry],
  });
}
