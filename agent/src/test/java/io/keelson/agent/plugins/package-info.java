/** Plugins that tell of themselves through sockets. */
@NullMarked
package io.keelson.agent.plugins;

import org.jspecify.annotations.NullMarked;
