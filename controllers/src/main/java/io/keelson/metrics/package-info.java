/**
 * {@code keelson metrics-server}: the API {@code metrics.k8s.io/v1beta1}, by which {@code kubectl top} and autoscalers know
 * what nodes and pods use.
 *
 * <pre>
 *   Nodes, Pods (names and labels) ──► caches ─────────────────────────────────┐
 *                                        │                                     ▼
 *   kubelets ◄── {@link io.keelson.metrics.Kubelets} ◄── {@link io.keelson.metrics.Scraper}, each 15 s ──► {@link io.keelson.metrics.UsageHistory} ──► {@link io.keelson.metrics.MetricsAnswers}
 *   /metrics/resource ──► {@link io.keelson.metrics.KubeletSample}                two points            ▲
 *                                                                              │
 *   API server ──► {@link io.keelson.controllers.manager.SecurePort} ──► {@link io.keelson.metrics.MetricsHandler}, which asks who may ──┘
 * </pre>
 *
 * <p>Kubelets tell how much time of processors was used since the start; what is used now is the difference of two such
 * points over the time between them. Nothing is kept but the last two points of each container: after a start nothing is told
 * before there are two.
 *
 * <p>The API server finds the process by an APIService ({@link
 * io.keelson.controllers.manager.AggregatedRegistration}), says in headers for whom it asks, and is believed by its
 * certificate.
 */
@NullMarked
package io.keelson.metrics;

import org.jspecify.annotations.NullMarked;
