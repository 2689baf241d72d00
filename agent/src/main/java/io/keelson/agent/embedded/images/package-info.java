/** The images of the embedded runtime. */
@NullMarked
package io.keelson.agent.embedded.images;

import org.jspecify.annotations.NullMarked;
