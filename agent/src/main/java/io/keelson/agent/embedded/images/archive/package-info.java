/**
 * Images as files: what {@code docker save}, {@code skopeo}, {@code ctr} and the like write goes into the store, and
 * out of it; and images made on the spot. Archives are read once from front to back, whatever the order of what is in
 * them.
 */
@NullMarked
package io.keelson.agent.embedded.images.archive;

import org.jspecify.annotations.NullMarked;
