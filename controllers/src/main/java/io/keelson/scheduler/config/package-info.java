/**
 * What a user may say of a scheduler in a file: {@code KubeSchedulerConfiguration} of {@code kubescheduler.config.k8s.io/v1}.
 * {@link io.keelson.scheduler.config.ConfigurationFile} reads one strictly into a {@link
 * io.keelson.scheduler.config.SchedulerConfiguration}, in which everything that the file leaves out has its default; {@link
 * io.keelson.scheduler.config.EnabledPlugins} says which plugins a profile has at which extension point then. Nothing in here
 * schedules.
 */
@NullMarked
package io.keelson.scheduler.config;

import org.jspecify.annotations.NullMarked;
