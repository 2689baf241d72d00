/** Stores on real disks, with real mounts. */
@NullMarked
package io.keelson.agent.embedded.images.store;

import org.jspecify.annotations.NullMarked;
