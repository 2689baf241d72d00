/**
 * Expressions that select devices: CEL over {@code device}, with the functions for versions and quantities that Kubernetes
 * has. An expression is compiled once ({@link io.keelson.scheduler.devices.selectors.SelectorCache}) and asked of many
 * devices; what one question may cost is bounded.
 */
@NullMarked
package io.keelson.scheduler.devices.selectors;

import org.jspecify.annotations.NullMarked;
