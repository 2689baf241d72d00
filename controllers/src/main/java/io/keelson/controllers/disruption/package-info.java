/**
 * How many pods may be disrupted at once: keeps the status of PodDisruptionBudgets, which the eviction of a pod asks
 * before it takes the pod away.
 *
 * <p>In come budgets, pods and the controllers of pods. A {@linkplain io.keelson.controllers.disruption.DisruptionLimit
 * limit} says how many pods must be healthy of those that are {@linkplain
 * io.keelson.controllers.disruption.ExpectedPods expected}; {@link io.keelson.controllers.disruption.BudgetCount}
 * counts those that are, less those whose eviction was permitted and has not been seen yet; the status of the budget
 * goes out, bound to the version it was counted for, so that a permission given meanwhile is not lost. Besides, a pod
 * that was marked for disruption and is still there minutes later loses the mark.
 */
@NullMarked
package io.keelson.controllers.disruption;

import org.jspecify.annotations.NullMarked;
