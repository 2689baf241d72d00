/**
 * The load tool for API servers: drives any Kubernetes API server that a kubeconfig leads to, and puts several side by side.
 *
 * <p>{@link io.keelson.benchmarks.api.ApiConnection} sends requests, {@link io.keelson.benchmarks.api.Pods} makes them, {@link
 * io.keelson.benchmarks.api.Watchers} counts what watches are sent, {@link io.keelson.benchmarks.api.PageWalk} reads a list page by
 * page, and {@link io.keelson.benchmarks.api.ApiLoad} goes through
 * the workloads in the order in which a namespace lives: pods are created, read, listed, changed under watch, and deleted. {@link
 * io.keelson.benchmarks.api.Comparison} holds what came of it against kube-apiserver.
 */
@NullMarked
package io.keelson.benchmarks.api;

import org.jspecify.annotations.NullMarked;
