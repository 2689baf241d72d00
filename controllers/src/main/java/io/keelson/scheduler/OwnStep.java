package io.keelson.scheduler;

import io.keelson.scheduler.config.ExtensionPoint;
import io.keelson.scheduler.decision.Plugin;
import java.util.Set;

/**
 * What the scheduler does itself and what has the name of a plugin, so that a profile can leave it out or must not.
 *
 * @param points at which it acts
 */
record OwnStep(String name, Set<ExtensionPoint> points) implements Plugin {}
