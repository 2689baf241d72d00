package io.keelson.apiserver.kinds;

import io.keelson.apiserver.resource.Resource;

/**
 * A kind that Kubernetes 1.36 has and serves only where it is told to: its feature has to be on, and {@code --runtime-config}
 * has to ask for its version.
 *
 * @param feature the gate that has to be on
 */
public record OnDemandKind(String feature, Resource resource) {}
