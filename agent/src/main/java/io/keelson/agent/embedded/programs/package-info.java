/** The programs in C that come with this build: the runtime's shim, and the server of the image keelson/web. */
@NullMarked
package io.keelson.agent.embedded.programs;

import org.jspecify.annotations.NullMarked;
