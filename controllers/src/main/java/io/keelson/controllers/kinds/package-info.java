/**
 * Kinds that are known only while the process runs: what {@link io.keelson.controllers.kinds.Discovery} finds, custom
 * resources among them, and the {@link io.keelson.controllers.kinds.Metadata} of their objects, which {@link
 * io.keelson.controllers.kinds.MetadataClient} reads and writes and {@link io.keelson.controllers.kinds.MetadataWatch}
 * follows.
 *
 * <p>The namespace controller, the garbage collector and the quotas stand on it: they treat all kinds alike and need to
 * see of an object whose it is, not what it says. The API sends them no more than that ({@code PartialObjectMetadata}),
 * so a cluster full of large objects costs them little.
 */
@NullMarked
package io.keelson.controllers.kinds;

import org.jspecify.annotations.NullMarked;
