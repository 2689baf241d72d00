/**
 * The node's agent as a whole: {@link io.keelson.agent.Agent} puts the rooms together that make pods run.
 */
@NullMarked
package io.keelson.agent;

import org.jspecify.annotations.NullMarked;
