/**
 * Scales what has a scale by what is measured of it: HorizontalPodAutoscalers.
 *
 * <p>Every 15 seconds an autoscaler is looked at: the scale of its target is read; {@link
 * io.keelson.controllers.podautoscaler.MetricEvaluation} reads each of its metrics from the APIs for metrics and
 * proposes a number of replicas for it; the highest counts. {@link
 * io.keelson.controllers.podautoscaler.ScalingDecision} tempers it by what was recommended and done lately, which
 * {@link io.keelson.controllers.podautoscaler.ScalingHistory} remembers, and by the limits of the autoscaler. Out go
 * the scale, and a status whose conditions say what was decided and why.
 */
@NullMarked
package io.keelson.controllers.podautoscaler;

import org.jspecify.annotations.NullMarked;
