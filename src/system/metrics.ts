import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { isTerminal, startedAt } from '../core/run.ts';
import type { Metrics } from '../ports/metrics.ts';

export interface PrometheusMetrics extends Metrics {
  /** The Prometheus text format. */
  expose(): Promise<string>;
}

/** @param active number of runs that this process is driving now */
export const createPrometheusMetrics = (active: () => number): PrometheusMetrics => {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const finished = new Counter({
    name: 'slipway_runs_finished_total',
    help: 'Runs that have ended, by status and executor.',
    labelNames: ['status', 'executor'],
    registers,
  });
  const cost = new Counter({
    name: 'slipway_model_cost_usd_total',
    help: 'US dollars spent on the model, as far as prices are known.',
    registers,
  });
  const waited = new Histogram({
    name: 'slipway_run_queue_seconds',
    help: 'Seconds from the acceptance of a run to the start of its execution.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800],
    registers,
  });
  const lasted = new Histogram({
    name: 'slipway_run_execution_seconds',
    help: 'Seconds that the execution of a run took.',
    buckets: [0.5, 1, 5, 15, 60, 300, 900, 3600],
    registers,
  });
  new Gauge({
    name: 'slipway_runs_active',
    help: 'Runs that this process is driving.',
    registers,
    collect() {
      this.set(active());
    },
  });
  return {
    finished: (run) => {
      if (!isTerminal(run)) return;
      finished.inc({ status: run.state.status, executor: run.executor });
      cost.inc(run.costUsd ?? 0);
      const began = startedAt(run);
      if (began === null || !('endedAt' in run.state)) return;
      waited.observe((began - run.createdAt) / 1_000);
      lasted.observe((run.state.endedAt - began) / 1_000);
    },
    expose: () => register.metrics(),
  };
};
