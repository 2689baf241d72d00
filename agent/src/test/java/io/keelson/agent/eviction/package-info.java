/** Tests of what a node does when it runs out of something. */
@NullMarked
package io.keelson.agent.eviction;

import org.jspecify.annotations.NullMarked;
