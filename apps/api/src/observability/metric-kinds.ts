import { Counter, Gauge, type Registry } from 'prom-client';

/** A counter of this service in a registry. */
export const counterIn = <const L extends string>(
  registry: Registry,
  name: string,
  help: string,
  ...labelNames: L[]
): Counter<L> => new Counter({ name: `redress_${name}`, help, labelNames, registers: [registry] });

/** A gauge of this service in a registry. */
export const gaugeIn = <const L extends string>(
  registry: Registry,
  name: string,
  help: string,
  ...labelNames: L[]
): Gauge<L> => new Gauge({ name: `redress_${name}`, help, labelNames, registers: [registry] });
