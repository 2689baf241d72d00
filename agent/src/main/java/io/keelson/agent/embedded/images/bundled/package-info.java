/**
 * The images that come with this build, so that a first tour needs no registry: {@code keelson/web} in versions 1 and
 * 2, made on the spot of a server of our own and, for a shell, the machine's busybox.
 */
@NullMarked
package io.keelson.agent.embedded.images.bundled;

import org.jspecify.annotations.NullMarked;
