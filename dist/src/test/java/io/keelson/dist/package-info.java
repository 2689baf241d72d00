/** The {@code keelson} command as a user meets it. */
@NullMarked
package io.keelson.dist;

import org.jspecify.annotations.NullMarked;
