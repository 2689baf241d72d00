/**
 * {@code ttl-controller}: tells each node by an annotation for how long it may keep what it read of Secrets and ConfigMaps,
 * longer in a larger cluster. Changes of nodes come in, {@link io.keelson.controllers.nodettl.ClusterSize} counts them, and
 * the annotation goes out.
 */
@NullMarked
package io.keelson.controllers.nodettl;

import org.jspecify.annotations.NullMarked;
