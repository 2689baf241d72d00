package io.keelson.agent.policy;

import io.keelson.controllers.objects.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What one sends to another.
 *
 * @param protocol null for one without ports
 */
record Packet(
        IpAddress source, IpAddress destination, @Nullable Protocol protocol, int port) {}
