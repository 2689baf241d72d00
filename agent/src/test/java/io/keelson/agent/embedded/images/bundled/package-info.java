/** Tests of the package of the same name. */
@NullMarked
package io.keelson.agent.embedded.images.bundled;

import org.jspecify.annotations.NullMarked;
