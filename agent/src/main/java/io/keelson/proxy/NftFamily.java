package io.keelson.proxy;

import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.proxy.nft.NftForwarding;
import io.keelson.proxy.nft.TableWatch;
import io.keelson.proxy.nft.TableSettings;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePortName;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The kernel forwards; its rules stay when the proxy ends. */
final class NftFamily implements Forwarding {
    private final NetlinkSocket socket;
    private final NftForwarding nft;

    /** @param socket is closed with this */
    NftFamily(NetlinkSocket socket, TableSettings settings) {
        this.socket = socket;
        nft = new NftForwarding(socket, settings);
    }

    /** The number by which the kernel knows who writes. */
    int port() {
        return socket.port();
    }

    /** Is told by somebody what others touch; before it is used. */
    void watchedBy(TableWatch watch) {
        nft.watchedBy(watch);
    }

    @Override
    public void apply(
            Collection<PortRules> put,
            Collection<ServicePortName> removed,
            @Nullable Collection<IpAddress> nodeAddresses)
            throws NetlinkException {
        nft.apply(put, removed, nodeAddresses);
    }

    @Override
    public void configure(TableSettings settings) {
        nft.configure(settings);
    }

    @Override
    public boolean check() throws NetlinkException {
        return nft.check();
    }

    @Override
    public void close() {
        socket.close();
    }
}
