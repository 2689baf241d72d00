package io.keelson.proxy;

import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The machine, or the part of it, that packets are forwarded on. */
public interface Machine {
    /** A socket of {@link NetlinkSocket#NETFILTER} or another protocol. */
    NetlinkSocket open(int protocol) throws NetlinkException;

    /** The addresses of its interfaces that are up. */
    List<IpAddress> addresses() throws IOException;

    /** {@code /proc/sys}. */
    Path sys();

    /** This machine. */
    static Machine local() {
        return new Machine() {
            @Override
            public NetlinkSocket open(int protocol) throws NetlinkException {
                return new NetlinkSocket(protocol);
            }

            @Override
            public List<IpAddress> addresses() throws IOException {
                List<IpAddress> addresses = new ArrayList<>();
                for (NetworkInterface link :
                        NetworkInterface.networkInterfaces().toList()) {
                    if (link.isUp()) {
                        for (InetAddress address : link.inetAddresses().toList()) {
                            String text = address.getHostAddress();
                            int zone = text.indexOf('%');
                            IpAddress parsed = IpAddress.parse(zone < 0 ? text : text.substring(0, zone));
                            if (parsed != null) {
                                addresses.add(parsed);
                            }
                        }
                    }
                }
                return addresses;
            }

            @Override
            public Path sys() {
                return Path.of("/proc/sys");
            }
        };
    }
}
