/**
 * {@code keelson metrics-server}: the API {@code metrics.k8s.io/v1beta1}, by which {@code kubectl top} and autoscalers
 * know what nodes and pods use.
 *
 * <pre>
 *   Nodes, Pods (names, labels) ──► caches ──────────────────────┐
 *                                     │                          ▼
 *   kubelets ◄── Kubelets ◄── Scraper, each 15 s           ClusterMetrics ──► MetricsAnswers
 *       │                        │                               ▲                  ▲
 *       └──► KubeletSample ──────┴──► UsageHistory, two points ──┘                  │
 *                                                                                   │
 *   API server ──► SecurePort ──► MetricsHandler, which asks who may ───────────────┘
 * </pre>
 *
 * <p>Kubelets tell how much time of processors was used since a start; what is used now is the difference of two such
 * points over the time between them. Nothing is kept but the last two points of each container: after a start nothing
 * is told before there are two, and so the second is taken two seconds after the first.
 *
 * <p>The API server finds the process by an APIService ({@link
 * io.keelson.controllers.manager.AggregatedRegistration}), says in headers for whom it asks, and is believed by its
 * certificate. Simulated nodes ({@link io.keelson.controllers.hollow}) tell what they use by the same {@link
 * io.keelson.metrics.MetricsAnswers}.
 */
@NullMarked
package io.keelson.metrics;

import org.jspecify.annotations.NullMarked;
