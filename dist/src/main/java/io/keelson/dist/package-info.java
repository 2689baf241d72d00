/** The {@code keelson} command: every component as a subcommand. */
@NullMarked
package io.keelson.dist;

import org.jspecify.annotations.NullMarked;
