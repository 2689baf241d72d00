/** Tests of the package of the same name. */
@NullMarked
package io.keelson.agent.embedded.assembly;

import org.jspecify.annotations.NullMarked;
