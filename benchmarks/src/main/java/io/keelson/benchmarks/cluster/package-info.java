/**
 * A cluster's components as processes that are started for a measurement and ended after it, what they tell of
 * themselves, and the objects that are put into the API for it.
 *
 * <p>A {@link io.keelson.benchmarks.cluster.Component} is one process with a log and, if it has one, a port for health
 * and metrics, read as {@link io.keelson.benchmarks.cluster.MetricsText}.
 * {@link io.keelson.benchmarks.cluster.Launcher} knows the commands. {@link io.keelson.benchmarks.cluster.ApiObjects}
 * creates and deletes objects of any kind that the API serves, many at a time;
 * {@link io.keelson.benchmarks.cluster.ObjectWatch} tells what becomes of them.
 */
@NullMarked
package io.keelson.benchmarks.cluster;

import org.jspecify.annotations.NullMarked;
