package io.keelson.cloud.local;

import io.keelson.controllers.objects.IpAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** What a forwarder asks about what comes in. Any thread. */
interface Traffic {
    /** Whether traffic of a client is taken. */
    boolean takes(IpAddress client);

    /** Where to send what comes from a client: the first that takes it. Empty if nobody does. */
    List<InetSocketAddress> targets(IpAddress client);

    /** Whether a place is still one to which something is sent. */
    boolean leadsTo(InetSocketAddress target);
}
