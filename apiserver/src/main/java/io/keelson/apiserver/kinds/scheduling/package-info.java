/** Strategies of what says which pods are scheduled together: workloads, as templates, and groups of pods. */
@NullMarked
package io.keelson.apiserver.kinds.scheduling;

import org.jspecify.annotations.NullMarked;
