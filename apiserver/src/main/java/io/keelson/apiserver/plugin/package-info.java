/**
 * Programs on this machine that do something for the server over a unix socket, with gRPC: KMS plugins and signers of tokens.
 * {@link io.keelson.apiserver.plugin.PluginChannel} carries messages, which are bytes here; what they say is known by who
 * calls.
 */
@NullMarked
package io.keelson.apiserver.plugin;

import org.jspecify.annotations.NullMarked;
