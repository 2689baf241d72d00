package io.keelson.agent.devices;

import java.util.List;

/**
 * A device as its plugin tells of it.
 *
 * @param nodes of memory that it is near to; none if that does not matter
 */
record KnownDevice(String id, boolean healthy, List<Long> nodes) {
    KnownDevice {
        nodes = List.copyOf(nodes);
    }
}
