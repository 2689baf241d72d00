/** Tests of what is in the package of this name; whole pods are tested with the agent. */
@NullMarked
package io.keelson.agent.pods.work;

import org.jspecify.annotations.NullMarked;
