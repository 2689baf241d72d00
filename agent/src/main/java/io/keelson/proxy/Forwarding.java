package io.keelson.proxy;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.proxy.nft.TableSettings;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePortName;
import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Who forwards the packets of a family. Called by one thread. */
public interface Forwarding {
    /**
     * Brings what becomes of packets up to date.
     *
     * @param put ports of Services whose rules may have changed
     * @param removed ports that are gone
     * @param nodeAddresses at which addresses of the node its ports are served; null if that is as it was
     * @throws IOException if that cannot be now. Then all of it may be lost: it has to be called again with all there is
     */
    void apply(
            Collection<PortRules> put,
            Collection<ServicePortName> removed,
            @Nullable Collection<IpAddress> nodeAddresses)
            throws IOException;

    /** Other settings, which are in effect after the next call of {@link #apply}. */
    void configure(TableSettings settings);

    /**
     * Looks whether all is as it was left, and puts it right if not.
     *
     * @return whether it was not
     */
    boolean check() throws IOException;

    /** Ends it. What the kernel does by itself it goes on to do. */
    void close();
}
