/**
 * What of Kubernetes the server is told to have or not to have: {@link io.keelson.apiserver.features.FeatureGates} for what
 * {@code --feature-gates} says, {@link io.keelson.apiserver.features.RuntimeConfig} and {@link
 * io.keelson.apiserver.features.ServedVersions} for {@code --runtime-config}. Nothing that was asked for is passed over in
 * silence: what cannot be had is refused at the start.
 */
@NullMarked
package io.keelson.apiserver.features;

import org.jspecify.annotations.NullMarked;
