/** Volumes on the node's disk, against an API server of the test's. */
@NullMarked
package io.keelson.agent.storage;

import org.jspecify.annotations.NullMarked;
