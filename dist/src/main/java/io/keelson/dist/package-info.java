/**
 * The {@code keelson} command: every component as a subcommand. Short client commands ({@code keelson kv …}) take the
 * straight way to their command line, everything else goes through picocli.
 */
@NullMarked
package io.keelson.dist;

import org.jspecify.annotations.NullMarked;
