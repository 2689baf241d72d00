/** Tests of what is in the package of this name. */
@NullMarked
package io.keelson.agent.pods.launch;

import org.jspecify.annotations.NullMarked;
