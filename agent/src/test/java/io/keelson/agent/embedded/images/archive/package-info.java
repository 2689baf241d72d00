/** Tests of the package of the same name. */
@NullMarked
package io.keelson.agent.embedded.images.archive;

import org.jspecify.annotations.NullMarked;
