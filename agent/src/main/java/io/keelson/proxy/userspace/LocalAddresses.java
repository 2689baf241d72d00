package io.keelson.proxy.userspace;

import io.keelson.controllers.objects.IpAddress;
import java.io.IOException;

/** Addresses that the node has for as long as somebody is to be reached there. */
interface LocalAddresses {
    /** The node has an address; right when repeated. */
    void add(IpAddress address) throws IOException;

    /** The node does not have it any more; right when repeated. */
    void remove(IpAddress address) throws IOException;
}
