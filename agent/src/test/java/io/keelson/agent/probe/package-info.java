/** Tests of what is in the package of this name. */
@NullMarked
package io.keelson.agent.probe;

import org.jspecify.annotations.NullMarked;
