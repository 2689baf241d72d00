/** Devices that plugins share out. */
@NullMarked
package io.keelson.agent.devices;

import org.jspecify.annotations.NullMarked;
