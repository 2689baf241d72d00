package io.keelson.scheduler.queue;

import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.state.PodInfo;
import org.jspecify.annotations.Nullable;

/** What keeps pods from being decided on at all. */
@FunctionalInterface
public interface Gates {
    /** Gates that pods have themselves, in {@code spec.schedulingGates}, under the name of the plugin that sees to them. */
    Gates OWN = pod -> OrEmpty.of(pod.pod().getSpec().getSchedulingGates()).isEmpty() ? null : "SchedulingGates";

    /** The name of a plugin that holds a pod; null if none does. */
    @Nullable
    String heldBy(PodInfo pod);
}
