/** Tests of what is in the package of this name. */
@NullMarked
package io.keelson.agent.pods.source;

import org.jspecify.annotations.NullMarked;
