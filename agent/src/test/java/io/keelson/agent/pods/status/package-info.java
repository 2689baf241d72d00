/** Tests of what is in the package of this name. */
@NullMarked
package io.keelson.agent.pods.status;

import org.jspecify.annotations.NullMarked;
