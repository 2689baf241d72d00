package io.keelson.scheduler;

import io.keelson.controllers.runtime.Events;
import io.keelson.scheduler.decision.Decider;
import io.keelson.scheduler.preemption.DefaultPreemption;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler of a name, of several that share what they know and one queue.
 *
 * @param preemption makes room; null if the profile makes none
 * @param events tells under its name
 */
record RunningProfile(
        String name,
        Plugins plugins,
        Decider decider,
        @Nullable DefaultPreemption preemption,
        Events events) {}
