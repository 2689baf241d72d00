/**
 * Expressions that select devices: CEL over {@code device}, with the functions that Kubernetes adds: for quantities and
 * versions, lists, texts and their formats, regular expressions, addresses and URLs. An expression is compiled once ({@link io.keelson.scheduler.devices.selectors.SelectorCache}) and asked of many
 * devices; what one question may cost is bounded.
 */
@NullMarked
package io.keelson.scheduler.devices.selectors;

import org.jspecify.annotations.NullMarked;
