/**
 * The load tool for schedulers: the cases of scheduler_perf, written in the same YAML shape, on an API server, with
 * nodes that are objects only.
 *
 * <p>{@link io.keelson.benchmarks.scheduler.PerfConfig} reads files of cases into
 * {@link io.keelson.benchmarks.scheduler.PerfCase cases} of
 * {@linkplain io.keelson.benchmarks.scheduler.Operation operations}; what objects look like comes from
 * {@linkplain io.keelson.benchmarks.scheduler.Template templates} beside them. A
 * {@link io.keelson.benchmarks.scheduler.WorkloadRun} does the operations one after the other; while a measurement is
 * on, a watch counts which pods have a node ({@link io.keelson.benchmarks.scheduler.ScheduledPods}), and what the
 * processes use and the scheduler itself counts is read before and after
 * ({@link io.keelson.benchmarks.scheduler.Measurement}). A case that asks for what the API or the scheduler does not
 * have is not run, and the table says what that is.
 *
 * <pre>
 *   performance-config.yaml, templates ──► PerfCase ──► WorkloadRun ──objects──► API ◄──watch, bindings──► scheduler
 *                                                            ▲                    │                          │
 *                                                            └── ScheduledPods ◄──┘      metrics, /proc ◄────┘
 * </pre>
 */
@NullMarked
package io.keelson.benchmarks.scheduler;

import org.jspecify.annotations.NullMarked;
