package io.keelson.agent.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import java.util.Optional;

/** By which address a machine is reached, where nobody says it. */
public final class MachineAddress {
    /** Addresses of documentation: nothing is sent, only asked from which address it would be. */
    private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("192.0.2.1");

    private static final InetAddress ELSEWHERE_V6 = InetAddress.ofLiteral("2001:db8::1");

    private MachineAddress() {}

    /**
     * The address from which it would send to others, or else the first one that is not for itself alone.
     *
     * @param isV6 of which family
     * @return empty if it has none
     */
    public static Optional<InetAddress> find(boolean isV6) throws IOException {
        Optional<InetAddress> sending = sending(isV6 ? ELSEWHERE_V6 : ELSEWHERE);
        return sending.isPresent() ? sending : first(isV6);
    }

    private static Optional<InetAddress> sending(InetAddress elsewhere) {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(elsewhere, 9));
            return Optional.of(socket.getLocalAddress()).filter(MachineAddress::isForOthers);
        } catch (SocketException | UncheckedIOException e) {
            // No route leads there.
            return Optional.empty();
        }
    }

    private static Optional<InetAddress> first(boolean isV6) throws SocketException {
        return NetworkInterface.networkInterfaces()
                .filter(MachineAddress::isUp)
                .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address != isV6)
                .filter(MachineAddress::isForOthers)
                .findFirst();
    }

    private static boolean isUp(NetworkInterface link) {
        try {
            return link.isUp() && !link.isLoopback();
        } catch (SocketException e) {
            // It has just gone.
            return false;
        }
    }

    private static boolean isForOthers(InetAddress address) {
        return !address.isAnyLocalAddress() && !address.isLoopbackAddress() && !address.isLinkLocalAddress();
    }
}
