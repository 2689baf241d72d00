/** Tests of what is in the package of this name. */
@NullMarked
package io.keelson.agent.hooks;

import org.jspecify.annotations.NullMarked;
