/** Devices that pods claim. */
@NullMarked
package io.keelson.agent.claims;

import org.jspecify.annotations.NullMarked;
