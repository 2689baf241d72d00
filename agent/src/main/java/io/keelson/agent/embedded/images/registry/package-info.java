/**
 * Images from registries, by the OCI distribution protocol. A {@link io.keelson.agent.embedded.images.registry.Pull}
 * fetches manifest, configuration and layers through a {@link io.keelson.agent.embedded.images.registry.Registry}, each
 * checked by its digest before the store has it. {@link io.keelson.agent.embedded.images.registry.RegistryHosts} says by
 * which ways an image is looked for: mirrors first, as a file of registries names them. A registry is not trusted: whatever it answers has a limit of size and
 * of time, credentials go to no other host than those of the registry and of the token server that it names, and a lie
 * is told as one.
 */
@NullMarked
package io.keelson.agent.embedded.images.registry;

import org.jspecify.annotations.NullMarked;
