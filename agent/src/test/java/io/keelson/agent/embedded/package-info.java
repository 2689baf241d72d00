/** Tests of the runtime without a daemon: with the real kernel, as root, on images that are folders with busybox. */
@NullMarked
package io.keelson.agent.embedded;

import org.jspecify.annotations.NullMarked;
