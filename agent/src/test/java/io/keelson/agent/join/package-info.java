/** A machine that joins a cluster, or what only looks like one. */
@NullMarked
package io.keelson.agent.join;

import org.jspecify.annotations.NullMarked;
